"""Posts: what a writer is, which stands where names stand: Head Winemaker, Vice President of Sales.

A post is told by its head noun, which ends the text or stands before a preposition. The table has
no noun that is a frequent family name too, such as Baker or Cook.
"""

from __future__ import annotations

from typing import Final

from scraper.extraction.metadata.rubrics import RUBRICS
from scraper.text.patterns import lazy_compile

__all__ = ["begins_post", "is_no_person", "names_a_post"]

# Occupations and offices, in the singular, in lower case.
_POSTS: Final = frozenset(
    """
    academic archivist accountant activist actress actuary adjunct administrator adviser advisor
    advocate agronomist ambassador analyst anthropologist apprentice archaeologist architect
    artist assistant associate astronomer attorney auditor author barista barrister biologist
    blogger bookkeeper botanist broadcaster broker buyer cameraman cardiologist cartoonist ceo
    cfo chairman chairperson chairwoman chemist chiropractor cinematographer cio ciso clinician
    cmo cofounder co-founder commentator commissioner composer consultant controller coo
    coordinator copywriter counsel counselor counsellor cpo creator cto curator dentist
    dermatologist designer developer dietician dietitian diplomat director ecologist economist
    educator electrician engineer enthusiast entomologist entrepreneur epidemiologist essayist
    evangelist executive expert filmmaker financier founder freelancer geographer geologist
    grader graduate gynecologist herbalist historian horticulturalist horticulturist hygienist
    illustrator inspector instructor intern internist interpreter inventor investigator investor
    lawyer lecturer lexicographer librarian linguist manager marketer mathematician mechanic
    mediator meteorologist microbiologist midwife moderator musician naturalist neurologist
    neuroscientist novelist nutritionist oncologist operator optometrist organizer organiser
    paediatrician pediatrician paralegal pathologist pharmacist philosopher photographer
    photojournalist physician physicist physiologist physiotherapist planner playwright plumber
    podcaster policymaker politician practitioner president presenter principal producer
    professional professor programmer psychiatrist psychologist psychotherapist publicist
    publisher realtor recruiter representative researcher reviewer scholar scientist
    screenwriter sculptor secretary senator sociologist solicitor sommelier specialist spokesman
    spokesperson spokeswoman statistician stockbroker storyteller strategist stylist
    superintendent supervisor surgeon surveyor technician technologist therapist trader trainer
    translator treasurer trustee undersecretary veterinarian videographer vintner volunteer
    winemaker zoologist redakteur redakteurin wirtschaftsredakteur politikredakteur
    chefredakteur korrespondent korrespondentin reporterin journalistin autorin volontär
    volontärin ressortleiter ressortleiterin geschäftsführer geschäftsführerin herausgeber
    herausgeberin leiter leiterin kolumnist kolumnistin journaliste rédacteur rédactrice
    chroniqueur chroniqueuse correspondant correspondante reporteur periodista redactor
    redactora corresponsal columnista colaborador colaboradora giornalista redattore redattrice
    corrispondente editorialista collaboratore collaboratrice jornalista repórter colunista
    correspondente redaktor redaktör redaktør journalistka
    """.split()  # noqa: SIM905
)
# Of compounds, the last part: Wirtschaftsredakteur.
_POST_ENDS: Final = ("redakteur", "redakteurin", "korrespondent", "korrespondentin", "reporterin")
# Posts whose last word alone may be a family name or says nothing.
_WHOLE: Final = frozenset(
    {
        "master gardener", "head gardener", "vice president", "managing partner",
        "founding partner", "general partner", "registered nurse", "board member", "team member",
        "staff member", "guest speaker", "research fellow", "senior fellow", "visiting fellow",
        "postdoctoral fellow", "team lead", "tech lead", "product lead", "research lead",
        "phd student", "phd candidate", "graduate student", "head", "dean", "chair", "partner",
    }
)  # fmt: skip
# What a post begins with that ends in editor or writer: Executive Digital Editor.
_BEFORE_POSTS: Final = frozenset(
    """
    acting assistant associate chief city consumer contributing copy deputy digital executive
    features founding freelance global guest head international junior lead managing national
    night online regional resident senior social staff supervising weekend
    """.split()  # noqa: SIM905
)
# Posts that may be a family name too: they stand behind words that only posts begin with.
_OR_NAMES: Final = frozenset(
    """
    actor agent aide anchor chef coach critic doctor host mentor officer poet tutor editor writer
    reporter correspondent columnist
    """.split()  # noqa: SIM905
)
# Departments of a house: what a name is followed by, and what no person is called.
_DEPARTMENTS: Final = frozenset(
    """
    accounting administration advertising advocacy analytics communications compliance design
    development distribution editorial engineering finance fundraising insights logistics
    management marketing merchandising operations outreach partnerships payroll planning
    procurement product production programs publishing recruiting recruitment relations research
    retail sales security services software strategy studies support sustainability technology
    training journalism economics wellness nutrition education science sciences healthcare
    """.split()  # noqa: SIM905
)
_AFTER_HEAD = lazy_compile(
    r"(?<!\s)\s++(?:of|for|at|in|on|to|and|with|für|der|des|im|bei|de|du|del|della|di|da|en)\s"
)
_PREPOSITIONS: Final = frozenset("of for at in on to from with by all für bei im den".split())  # noqa: SIM905


def names_a_post(name: str) -> bool:
    """Return whether a text in Latin letters says what a person is.

    Args:
        name: such as ``Head Winemaker``, ``Vice President of Consulting`` or ``Korrespondent für
            Politik``.
    """
    words = _AFTER_HEAD.split(name, maxsplit=1)[0].casefold().strip(" .,®™").split()
    if not words:
        return False
    return (
        words[-1] in _POSTS
        or words[-1].endswith(_POST_ENDS)
        or " ".join(words[-2:]) in _WHOLE
        or (len(words) > 1 and words[-1] in _OR_NAMES and begins_post(name))
    )


def begins_post(text: str) -> bool:
    """Return whether a text begins with a word that only posts begin with: ``Deputy``."""
    first = text.partition(" ")[0].casefold()
    return first in _BEFORE_POSTS or first in _DEPARTMENTS or first in RUBRICS


def is_no_person(text: str) -> bool:
    """Return whether a text in Latin letters names a department or describes a house.

    Args:
        text: such as ``HR Strategy`` or ``AI platform for healthcare``.
    """
    words = text.split()
    return bool(words) and (
        words[-1].casefold() in _DEPARTMENTS or any(word in _PREPOSITIONS for word in words[1:])
    )
