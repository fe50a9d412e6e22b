"""Addresses: what makes two of them the same page, and which site they belong to.

An address is kept as it was met; beside it stand two derived forms:

- `canonical`: the address to ask for, freed of what never changes the answer (the commonest tracking
  parameters, fragment, default port, letter case of scheme and host);
- `identity`: a key under which the twins of one page meet (http and https, ``www.``, mobile and AMP
  hosts, trailing slash, all tracking parameters). It is never dialled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from tld import get_tld
from tld.utils import Result

from scraper.errors import ErrorClass, FetchError

__all__ = ["absolute", "canonical", "host_of", "identity", "is_home", "same_site", "site_of"]

# Parameters that are left out of every request: their services are so common that no server needs
# them. All others are sent as they were met, for some servers sign their addresses (chksm).
_NEVER_SENT = frozenset(
    "_ga _gl gclid gclsrc dclid gbraid wbraid fbclid igshid __twitter_impression twclid ref_src msclkid yclid ysclid"
    " mc_cid mc_eid mkt_tok cmpid ncid ocid xtor wt.mc_id s_cid guccounter spm scm isappinstalled share_token share_from"
    " sharer_shareid nsukey bd_vid hmsr hmpl hmcu".split()
)
_NEVER_SENT_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_", "at_custom", "vero_")
# Parameters that tell the publisher where a reader came from, or which visit this is; none selects
# content. Gathered from the documentation of the services named above each row. Names that select an
# article on some site stay (id, p, aid, mid, sn, idx, __biz, cid, ref, from, source, sid, mod): two
# addresses that differ in those alone are one article only where their pages say so.
TRACKING_PARAMETERS = frozenset(
    # Google: Analytics, Ads, Merchant, AMP, Reader Revenue
    "_ga _gl _gac gclid gclsrc dclid gbraid wbraid gad gad_source gad_campaignid srsltid usqp aoh amp_js_v amp_gsa"
    " amp_lite amp_ct ga_source ga_medium ga_term ga_content ga_campaign ga_place"
    # Meta, X, TikTok, LinkedIn, Pinterest, Snap, Reddit, Threads
    " fbclid igshid igsh fb_source fb_ref fbadid mibextid __tn__ __xts__ __cft__ hc_ref hc_location fref action_object_map"
    " action_type_map action_ref_map xmt __twitter_impression twclid ref_src ref_url ttclid tt_medium tt_content"
    " is_from_webapp sender_device li_fat_id trk trkinfo trkcampaign lipi epik sccid sc_cid rdt_cid"
    # Microsoft, Yandex, Naver
    " msclkid cvid yclid ysclid ymclid _openstat napm"
    # Outbrain, Taboola, affiliates
    " dicbo oborigurl tblci tblclickid irclickid irclid irgwc cjevent cjdata awc tduid admitad_uid ranmid raneaid ransiteid"
    " sscid vmcid mkevt mkcid mkrid toolid campid afftrack affid clickid click_id wickedid wickedsource gdfms gdftrk gdffi"
    # Mailers: Mailchimp, Marketo, HubSpot, Klaviyo, Omeda, Bronto, Acoustic, Marigold, Drip, ConvertKit, MailerLite
    " mc_cid mc_eid mc_tc mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking _ke _kx ml_subscriber ml_subscriber_hash"
    " ck_subscriber_id inf_contact_key rb_clickid s_kwcid ef_id _bta_tid _bta_c dm_i __s spreportid spmailingid spuserid"
    " spjobid et_cid et_rid nr_email_referer sfmc_id sfmc_sub mailing_id _cio_id hootpostid sms_ss awesm xnpe_tifc"
    " _branch_match_id _branch_referrer adobe_mc kxconfid tmcid"
    # Publishers' campaigns: AT Internet, Adobe, Webtrends, comScore, Piano, and houses' own
    " cmpid cmp cmp_bunit cmp_tu ncid ocid xtor xtref xts s_cid icid iclid intcmp int_cmp intcid int_campaign int_source int_medium guccounter"
    " guce_referrer guce_referrer_sig at_medium at_campaign at_creation at_variant at_format at_identifier at_network"
    " at_term at_channel at_platform at_audience at_link_id at_link_origin at_link_type at_ptr_name at_bbc_team"
    " at_send_date at_emailtype at_recipient_id at_recipient_list smid smtyp emc regi_id instance_id segment_id feedtype"
    " feedname taid fsrc wpisrc wpmm itid ftcamp srnd sref leadsource __source soc_src soc_trk .tsrc mbid bxid cndid esrc"
    " hasha hashb hashc ftag lctg tpcc wprov linkid sr_share sharetoken sharetype smt isfreemail triedredirect"
    " pcrid sh_kit campaign_id campaign_date ito reflink trackingid tracking_id rss_id"
    # Alibaba, Bilibili, WeChat, Weibo, Toutiao, Baidu, 360, Sohu, Sina, Tencent, Zhihu, Xiaohongshu, UC, NetEase
    " spm scm spm_id_from from_spmid vd_source buvid is_story_h5 unique_k bbid plat_id share_plat ut_sk ali_trackid ali_refid"
    " pvid algo_pvid algo_expid isappinstalled nsukey chksm scene subscene srcid ascene devicetype wx_header pass_ticket"
    " exportkey clicktime enterid fontgear poc_token wxwork_userid from_safari sharer_sharetime wxshare_count wxfid"
    " featurecode luicode lfid uicode weibo_ref tt_from use_new_style req_id is_new_connect is_new_user log_from gid_type"
    " bd_vid bd_bxst bd_source_light bd_page_type hmsr hmpl hmcu hmkw hmci eqid qhclickid renqun_youhua _trans_ cre rfunc"
    " pgv_ref adtag openapp uc_param_str uc_biz_str zhida_source hybrid_search_source hybrid_search_extra xhsshare appuid"
    " apptime author_share spss spssid sharefrom share_from shareuid udpkey dt_dapp"
    # Caches that are to be passed by
    " timestamp nocache cachebust cachebuster"
    # Sessions
    " phpsessid jsessionid sessid zenid oscsid xtcsid cfid cftoken asp.net_sessionid".split()
)
TRACKING_PREFIXES = (
    "utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "at_custom", "vero_", "ns_", "elq", "bsft_", "pf_rd_", "cm_mmc",
    "fb_action_", "oly_", "trk_", "rsv_", "gaa_", "wt.", "sharer_", "share_", "aspsessionid",
)  # fmt: skip
# Of what follows a ";" in a path only these say nothing of the page; all else selects it (RFC 3986,
# section 3.3).
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|aspsessionid\w*)=[^/;?]*|;(?:sid|sessionid)=[0-9a-z]{16,}(?=[/;?]|$)", re.IGNORECASE
)

_MOBILE_LABELS = frozenset({"www", "m", "mobile", "wap", "3g", "amp", "touch"})
_AMP_PARAMETERS = frozenset({"amp", "amp=", "amp=1", "amp=true", "outputtype=amp"})
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|\.amp)$", re.IGNORECASE)
_SAFE_PATH = "/:@!$&'()*+,;=~-._%"
_SAFE_QUERY = _SAFE_PATH + "?[]|"
# An address is asked for its forms many times while its page passes through the stages.
_CACHED = 2048
# What the URL standard strips around an address, and the slashes before a host that it takes for two.
_BLANK = "".join(map(chr, range(33)))
_MANY_SLASHES = re.compile(r"^(https?:)?/{3,}", re.IGNORECASE)
_BAD_HOST = re.compile(r"[\s\\<>\"^`{|}%/?#@]")


def _split(url: str) -> SplitResult:
    text = url.strip().translate({9: None, 10: None, 13: None})
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise FetchError(
            f"not an address: {url!r} ({error})", url=url, error_class=ErrorClass.BAD_URL
        ) from None
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(
            f"not an address that can be fetched: {url!r} (it must begin with http:// or https://)",
            url=url,
            error_class=ErrorClass.BAD_URL,
        )
    host = parts.hostname or ""
    # Of what may stand in brackets only IPv6 can be dialled (RFC 3986 foresees other kinds).
    bracketed = "[" in parts.netloc and ":" not in host
    if not host or "\\" in text.partition("?")[0] or _BAD_HOST.search(host) or port == 0 or bracketed:
        raise FetchError(
            f"not an address: {url!r} (its host is wrong)", url=url, error_class=ErrorClass.BAD_URL
        )
    return parts


def _ascii_host(host: str, url: str) -> str:
    host = host.rstrip(".")
    try:
        if ":" in host:
            return f"[{IPv6Address(host)}]"
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except (UnicodeError, AddressValueError):
        name = ""
    if not name or len(name) > 253 or any(not 0 < len(label) < 64 for label in name.split(".")):
        raise FetchError(
            f"not an address: {url!r} (its host is wrong)", url=url, error_class=ErrorClass.BAD_URL
        )
    return name.lower()


def _without_dots(path: str) -> str:
    """Return a path without ``.`` and ``..`` (RFC 3986, section 5.2.4), escaped ones among them."""
    if "/." not in path and "/%2e" not in path.lower():
        return path
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for part in folders:
        plain = _dots(part)
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(part)
    if _dots(last) == "..":
        del kept[-1:]
    return "/" + "/".join([*kept, "" if _dots(last) in (".", "..") else last])


def _dots(part: str) -> str:
    return re.sub("%2e", ".", part, flags=re.IGNORECASE)


def _name_of(parameter: str) -> str:
    # "&amp;utm_source=" comes of an address that was escaped twice.
    return unquote(parameter.partition("=")[0]).lower().removeprefix("amp;")


def _is_never_sent(parameter: str) -> bool:
    name = _name_of(parameter)
    return name in _NEVER_SENT or name.startswith(_NEVER_SENT_PREFIXES)


def _is_tracking(parameter: str) -> bool:
    name = _name_of(parameter)
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


@lru_cache(maxsize=_CACHED)
def canonical(url: str) -> str:
    """Return the address to ask for, without what never changes the answer.

    Args:
        url: an absolute http or https address, in any spelling.

    Returns:
        The address with scheme and host in lower case, the host in ASCII (IDNA), no default port,
        no user name, no fragment, no dot segment, no session id in its path and none of the commonest
        tracking parameters; path and query percent-encoded.

    Raises:
        FetchError: (``bad_url``) it is not an http or https address.
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    host = _ascii_host(parts.hostname or "", url)
    port = parts.port
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    path = _SESSION_IN_PATH.sub("", _without_dots(parts.path or "/")) or "/"
    path = quote(path, safe=_SAFE_PATH)
    kept = [p for p in parts.query.split("&") if p and not _is_never_sent(p)]
    return urlunsplit((scheme, host, path, quote("&".join(kept), safe=_SAFE_QUERY), ""))


@lru_cache(maxsize=_CACHED)
def identity(url: str) -> str:
    """Return the key under which the twins of one page meet; it is no address.

    http and https, ``www.`` and mobile hosts, AMP paths, trailing slashes, all tracking parameters
    and the spellings of percent-encoding (RFC 3986, section 6.2.2) fall together.

    Raises:
        FetchError: (``bad_url``) it is not an http or https address.
    """
    parts = urlsplit(canonical(url))
    labels = parts.netloc.split(".")
    while len(labels) > 2 and labels[0] in _MOBILE_LABELS and not _is_registered(labels):
        labels = labels[1:]
    path = _AMP_PATH.sub("", _spelt(parts.path)).rstrip("/")
    query = "&".join(
        parameter
        for parameter in _spelt(parts.query).split("&")
        if parameter.lower() not in _AMP_PARAMETERS and not _is_tracking(parameter)
    )
    return ".".join(labels) + (path or "/") + (f"?{query}" if query else "")


def _is_registered(labels: list[str]) -> bool:
    """Whether a name is a registered domain (``touch.com.cn``): it has no label to spare."""
    name = ".".join(labels).partition(":")[0]
    found = get_tld(f"http://{name}/", fail_silently=True, as_object=True)
    return isinstance(found, Result) and found.fld == name


def _spelt(text: str) -> str:
    """Return percent-encoding in one spelling: capital digits, and none for unreserved signs."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else found[0].upper()


def absolute(base: str, href: str) -> str:
    """Return `href` resolved against `base`, or "" when it leads to no http(s) address.

    Before the query a backslash is a slash, as the URL standard has it
    (https://url.spec.whatwg.org/#url-parsing, states "relative" and "path").
    """
    place, mark, query = href.strip(_BLANK).partition("#")[0].partition("?")
    place = _MANY_SLASHES.sub(r"\1//", place.replace("\\", "/"))
    try:
        joined = urljoin(base, place + mark + query)
        return urlunsplit(_split(joined)._replace(fragment=""))
    except (FetchError, ValueError):
        return ""


@lru_cache(maxsize=_CACHED)
def host_of(url: str) -> str:
    """Return ``name`` or ``name:port`` of an address, lower case ("" when it is none)."""
    try:
        return urlsplit(canonical(url)).netloc
    except FetchError:
        return ""


@lru_cache(maxsize=_CACHED)
def site_of(url: str) -> str:
    """Return the registered domain of an address (``news.sina.com.cn`` → ``sina.com.cn``).

    Names outside the public suffix list (``ledger.localhost``, addresses in digits) stand for
    themselves.
    """
    host = host_of(url)
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    found = get_tld(f"http://{name}/", fail_silently=True, as_object=True) if name else None
    return found.fld if isinstance(found, Result) else name


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses belong to one registered domain."""
    site = site_of(one)
    return bool(site) and site == site_of(other)


def is_home(url: str) -> bool:
    """Return whether an address is a site's front page (no path but an index file, no query)."""
    parts = urlsplit(url)
    return not parts.query and bool(
        re.fullmatch(r"/?(?:(?:index|default|home)(?:\.\w{2,5})?)?/?", parts.path, re.IGNORECASE)
    )
