"""Lists of names: of people in Chinese and Latin letters, of places that stand beside them."""

from __future__ import annotations

from typing import Final

__all__ = [
    "AUTHOR_METAS",
    "COMPOUND_NAMES",
    "FAMILY_NAMES",
    "GIVEN_NAMES",
    "HOUSES",
    "PLACES",
    "TOWNS",
    "TOWN_NAMES",
]

# The commonest family names, in both scripts, by frequency: over 98% of Chinese people bear one.
FAMILY_NAMES: Final = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂"
    "苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾鐘汪田任姜范範方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍"
    "万萬段雷钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔文庞龐樊兰蘭殷施陶洪翟安颜顏倪严嚴牛温溫芦蘆季俞章鲁魯葛伍韦韋申尤毕畢聂聶丛叢"
    "焦向柳邢路岳齐齊沿梅莫庄莊辛管祝左涂塗谷祁时時舒耿牟卜詹关關苗凌费費纪紀靳盛童欧歐甄项項曲成游阳陽裴席卫衛查屈鲍鮑位覃霍翁隋"
    "植甘景薄单單包司柏宁寧柯阮桂闵閔解强強柴华華车車冉房边邊辜吉饶饒刁瞿戚丘古米池滕晋晉苑邬鄔臧畅暢宫宮来來嵺苟全褚廉简簡娄婁盖蓋符"
    "奚木穆党黨燕郎邸冀谈談姬屠连連郜晏栾欒郁商蒙计計喻揭窦竇迟遲宇敖糜鄢冷卓花仇艾蓝藍都巩鞏稽井练練仲乐樂虞卞封竺冼原官衣楚佟栗匡宗应應"
    "台巫鞠僧桑荆荊谌諶银銀扬揚明沙薄伏岑习習胥保和蔺藺水云雲上闻聞干闫闫佘"
)
COMPOUND_NAMES: Final = (
    "欧阳",
    "歐陽",
    "上官",
    "司马",
    "司馬",
    "诸葛",
    "諸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "端木",
    "夏侯",
    "独孤",
    "南宫",
)

# Commonest given names in Latin letters, women's and men's, of census lists of English, German,
# French, Spanish, Italian and the Nordic languages; none that is a town's or a
# month's too, or any other word that a line may begin with.
GIVEN_NAMES: Final = frozenset(
    """
    aaron abby abigail adam adrian agnes alan albert alberto alejandro alessandro alex alexa
    alexander alexandra alexis alfred alice alicia alison allan allen allison amanda amelia amy
    ana andrea andreas andrew andy angela angelina anita ann anna anne annette annie anthony
    antonio arthur ashley astrid audrey ava barbara barry beatrice becky ben benjamin bernard
    beth bethany betty beverly bill birgit björn bob bonnie brad bradley brandon brenda brent
    brett brian bridget brittany brooke bruce bryan caitlin caleb cameron camille carl carla
    carlos carmen carol caroline carolyn carrie catherine cathy cecilia chad charles charlie
    cheryl chris christian christiane christina christine christoph christopher cindy claire
    clara claudia colin connie connor corey cory courtney craig curtis cynthia dale damien dan
    dana daniel daniela daniele danielle danny darren dave david dean deborah debra denise
    dennis derek diana diane diego dieter dominic don donald donna doris dorothy doug douglas
    duncan dustin dylan ed eddie edith eduardo edward eileen elaine elena eleanor eli elias
    elisa elise elizabeth ella ellen emily emma emmanuel eric erica erik erika erin ernest ethan
    eugene eva evan evelyn fabian felix fernando fiona florian frances francesca francesco
    francis francisco francois frank franz fred frederick gabriel gabriela gabrielle gail gareth
    gary gavin geoffrey george gerald gerard gina giovanni giulia glenn gloria gordon graham
    greg gregory guillaume gustav hannah hans harold harriet harry heather hector heidi helen
    helena henrik henry holly howard hugh hugo ian ingrid irene isaac isabel isabella ivan jack
    jackie jacob jacqueline jake james jamie jan jane janet janice jared jasmine jason javier
    jay jean jeff jeffrey jenna jennifer jenny jeremy jerry jesse jessica jill jim jimmy joan
    joanna joanne jodi joe joel johan johannes john johnny jon jonas jonathan jorge jose josé
    joseph josh joshua joyce juan judith judy julia julian juliana julie juliet jürgen justin
    kai karen karin karl karla kate katherine kathleen kathryn kathy katie katrina kayla keith
    kelly kelsey ken kenneth kerry kevin kim kimberly kirsten klaus krista kristen kristin
    kristina kurt kyle lars laura lauren laurie lawrence leah lee lena leo leon leonard leslie
    lewis liam linda lindsay lindsey lisa liz logan lorenzo lori louis louise luca lucas lucia
    lucy luis luke lydia lynn madeline maggie manuel marc marco marcus margaret maria marie
    marina mario marion marissa mark markus martha martin martina mary mathias matt matthew
    matthias maureen maurice max maxwell megan melanie melissa meredith mia michael michaela
    michele michelle miguel mike miles miranda miriam mitchell molly monica monika morgan nancy
    naomi natalie natasha nathan nathaniel neal neil nicholas nick nicola nicole nigel nina noah
    nora norman oliver olivia oscar owen paige pam pamela pat patricia patrick paul paula
    pauline pedro peggy peter petra phil philip philipp phillip phyllis pierre rachel rafael
    ralph ramon randy raymond rebecca regina renee ricardo richard rick rob robert roberta
    roberto robin rodney roger roland ron ronald rosa ross roy russell ruth ryan sabine sabrina
    sally sam samantha samuel sandra sara sarah scott sean sebastian sergio seth shane shannon
    sharon shaun shawn sheila shelby shelley sheryl shirley silvia simon simone sofia sonia
    sophia sophie spencer stacey stacy stanley stefan stefanie stella stephanie stephen steve
    steven stuart sue susan susanne suzanne sven sylvia tamara tammy tanya tara taylor ted
    teresa terry theresa thomas tiffany tim timothy tina todd tom tommy toni tony tracey tracy
    travis trevor trond troy tyler ulrich ulrike ursula valentina valerie vanessa vera veronica
    vicki victor vincent vivian walter wanda warren wayne wendy werner wesley whitney william
    wolfgang yolanda yvonne zach zachary zoe
    """.split()  # noqa: SIM905
)

# Places of several words that stand behind a comma after a name.
PLACES: Final = frozenset(
    """
    new_york new_york_city san_francisco los_angeles hong_kong washington_dc washington_d.c
    san_diego san_jose las_vegas new_delhi tel_aviv mexico_city buenos_aires são_paulo sao_paulo
    rio_de_janeiro cape_town kuala_lumpur abu_dhabi silicon_valley menlo_park mountain_view
    palo_alto santa_clara st_petersburg saint_petersburg the_hague den_haag ho_chi_minh_city
    united_states united_kingdom south_korea north_korea new_zealand south_africa saudi_arabia
    salt_lake_city new_orleans kansas_city st_louis frankfurt_am_main
    """.split()  # noqa: SIM905
)

TOWNS: Final = (
    "台北|新北|桃園|臺北|台中|臺中|台南|臺南|高雄|基隆|新竹|苗栗|彰化|南投|雲林|嘉義|屏東|"
    "宜蘭|花蓮|台東|臺東|澎湖|金門|馬祖|"
    "華盛頓|紐約|洛杉磯|舊金山|東京|首爾|倫敦|巴黎|柏林|布魯塞爾|莫斯科|新德里|曼谷|新加坡|"
    "吉隆坡|雅加達|河內|馬尼拉|雪梨|多倫多|"
    "溫哥華|日內瓦|羅馬|維也納|伊斯坦堡|耶路撒冷|北京|上海|香港|廣州|深圳|重庆|广州|天津|"
    "武汉|南京|杭州|成都|西安|综合|綜合|專電|外電"
)
TOWN_NAMES: Final = frozenset(TOWNS.split("|"))

# Chinese papers, agencies and platforms whose names do not say that they are one.
HOUSES: Final = frozenset(
    """
    机器之心 機器之心 量子位 新智元 极客公园 極客公園 钛媒体 鈦媒體 虎嗅 雷峰网 雷鋒網 36氪 36Kr
    晚点 晚點 甲子光年 智东西 智東西 品玩 爱范儿 愛范兒 少数派 少數派 界面 澎湃 财新 財新 第一财经
    第一財經 新浪科技 腾讯科技 騰訊科技 网易科技 網易科技 搜狐科技 凤凰科技 鳳凰科技 硅星人 硅谷101
    深网 芥末堆 亿邦动力 億邦動力 猎云网 獵雲網 创业邦 創業邦 投中网 投中網 蓝鲸 藍鯨 每经 每經
    端传媒 端傳媒 報導者 關鍵評論網 數位時代 科技新報 科技報橘 自由電子報 中央社 新华社 新華社
    中新社 路透社 法新社 美联社 美聯社 彭博社 德新社 共同社 韩联社 韓聯社 中通社 央视 央視
    """.split()  # noqa: SIM905
)

# Names of meta elements that hold an author, most trusted first.
AUTHOR_METAS: Final = (
    "citation_author", "author", "byl", "parsely-author", "sailthru.author", "article:author",
    "og:article:author", "dc.creator", "dcterms.creator", "dc.creator.creator",
    "cxenseparse:author",
    "creator", "citation_authors", "shareaholic:article_author_name",
)  # fmt: skip
