"""Chinese articles, English summaries of them, other texts on their subject: all written by us."""

from __future__ import annotations

__all__ = ["ORIGINALS", "OTHERS", "SUMMARIES", "TRANSLATION"]

# Chinese articles, and under the same name the English summary of each: headline and text.
ORIGINALS = {
    "hospital": (
        "三家医院用上开源模型，病历系统省下一半费用",
        "（记者 温以宁）临江市三家公立医院本周起在病历系统中改用开源模型。医院信息科主任宋知远说，"
        "新系统以阿里巴巴的Qwen和DeepSeek为基础，部署在医院自己的服务器上，病人的数据不离开院区。\n"
        "过去两年，医院一直租用OpenAI的GPT-4接口，每年的费用约为320万元。宋知远说：“自己部署之后，"
        "全年的电费和维护费加起来不到150万元，而且断网的时候也能用。”\n"
        "参与测试的医生有210名。他们比较了两套系统写出的出院小结，认为质量没有明显差别，但开源模型在方言"
        "和药名上更准确。不过，也有医生担心，模型更新之后没有人负责验收。\n"
        "临江大学医学院教授傅明礼认为，医院选择开源模型，更多是因为数据安全的规定，而不是因为价格。他提醒，"
        "Meta的Llama和谷歌的Gemini在医学考试中的成绩仍然领先，医院不应该只看成本。\n"
        "市卫生健康委员会计划在年底前把这套系统推广到其余十一家医院，并为此招标一批新的服务器。英伟达的芯片"
        "供货紧张，招标文件允许使用国产加速卡。",
    ),
    "video": (
        "短剧公司押注视频生成，一分钟成本降到九十元",
        "短剧制作公司慢火影业昨日宣布，今年下半年的短剧将有七成镜头由视频生成模型完成。公司创始人裴子昂说，"
        "一分钟成片的成本已经从2600元降到90元。\n"
        "慢火影业同时使用快手的可灵、字节跳动的即梦和OpenAI的Sora。裴子昂在媒体会上演示了一段追车戏，"
        "从写提示词到成片用了四个小时。“以前要封路，要买车，要请特技演员。”他说。\n"
        "演员工会对此表示不满。工会代表岑晓月称，已经有340名群众演员失去了工作，公司没有给过任何补偿。"
        "她要求慢火影业在片头注明哪些镜头不是拍摄的。\n"
        "行业分析人士指出，观众对短剧画面的要求不高，给了模型机会，但是长剧和电影还做不到。谷歌的Veo和"
        "MiniMax的海螺也在争取同一批客户，价格战已经开始。\n"
        "慢火影业去年的营业收入是1.8亿元，净利润为负。公司希望靠模型在明年扭亏，并计划到海外发行。",
    ),
}
SUMMARIES = {
    "hospital": (
        "Hospitals in Linjiang switch to open models",
        "Core view - Three public hospitals in Linjiang have moved their medical record systems to"
        " open-source models, Alibaba's Qwen and DeepSeek, run on their own servers so that patient"
        " data stays inside. Group 1: Costs - The hospitals had rented OpenAI's GPT-4 for about 3.2"
        " million yuan a year; electricity and maintenance now come to less than 1.5 million yuan."
        " Group 2: Quality - 210 doctors compared discharge summaries and found no clear difference"
        " in quality. A professor of medicine warned that Meta's Llama and Google's Gemini still"
        " lead in medical exams.",
    ),
    "video": (
        "短剧公司押注视频生成，一分钟成本降到九十元",
        "Manhuo Pictures said that seven in ten shots of its short dramas will be generated in the"
        " second half of the year. The studio works with Kling, Jimeng and Sora and puts the cost"
        " of a finished minute at 90 yuan, down from 2,600. The actors' union says 340 extras have"
        " lost their jobs and asks for labels. Analysts see a price war ahead.",
    ),
}
# English texts on the same subject, with many of the same names, that sum up neither.
OTHERS = {
    "market": (
        "Open models gain ground in hospitals and banks",
        "Alibaba's Qwen and DeepSeek are turning up in more public tenders, a survey of buyers in"
        " nine countries found. Banks lead, with 41 percent running a model of their own, ahead of"
        " hospitals with 28 percent. OpenAI's GPT-4 remains the most rented, while Meta's Llama and"
        " Google's Gemini have lost ground since spring. Buyers named control of their data as the"
        " first reason and price as the second.",
    ),
    "chips": (
        "NVIDIA chips stay scarce as tenders open to rivals",
        "Buyers of servers wait eleven months for NVIDIA accelerators, and more tenders now admit"
        " other makers. DeepSeek, Alibaba and Meta have all published recipes for running their"
        " models on cheaper cards. Prices for a used card have risen to 19,000 dollars.",
    ),
}
# A text that says all that the original says is a translation.
TRANSLATION = (
    "Short-drama studio bets on generated video, a minute now costs ninety yuan",
    "The short-drama producer Manhuo Pictures announced yesterday that seven in ten shots of its"
    " series in the second half of this year will be made by video generation models. The company's"
    " founder Pei Zi'ang said that the cost of a finished minute has fallen from 2,600 yuan to 90"
    " yuan. Manhuo uses Kuaishou's Kling, ByteDance's Jimeng and OpenAI's Sora side by side. Pei"
    " showed reporters a car chase that took four hours from prompt to finished clip. “We had"
    " to close roads, buy cars and hire stunt people,” he said. The actors' union is unhappy."
    " Its representative Cen Xiaoyue said that 340 extras have lost their work, and that the"
    " company has never paid any compensation. She demanded that Manhuo state in the opening titles"
    " which shots were not filmed. Analysts point out that viewers do not ask much of the pictures"
    " in short dramas, which gives the models a chance; long series and films are out"
    " of reach. Google's Veo and MiniMax's Hailuo compete for the same customers, and a price war"
    " has begun. Manhuo had a turnover of 180 million yuan last year and made a loss. It hopes that"
    " the models will bring it into profit next year, and plans to distribute abroad.",
)
