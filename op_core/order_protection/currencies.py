"""The currencies that the API takes (page ORD-C): 302 codes, of today and of the past. No other is documented."""

from __future__ import annotations

__all__ = ["CURRENCIES", "nearest_currencies"]

_LONGEST_SLIP = 4  # letters of what may still be meant as a code
_CODES = """
ADP AED AFA AFN ALK ALL AMD ANG AOA AOK AON AOR ARA ARP ARS ARY ATS AUD AWG AYM AZM AZN BAD BAM BBD BDT BEC BEF BEL
BGJ BGK BGL BGN BHD BIF BMD BND BOB BOP BOV BRB BRC BRE BRL BRN BRR BSD BTN BUK BWP BYB BYN BYR BZD CAD CDF CHC CHE
CHF CHW CLF CLP CNY COP COU CRC CSD CSJ CSK CUC CUP CVE CYP CZK DDM DEM DJF DKK DOP DZD ECS ECV EEK EGP ERN ESA ESB
ESP ETB EUR FIM FJD FKP FRF GBP GEK GEL GHC GHP GHS GIP GMD GNE GNF GNS GQE GRD GTQ GWE GWP GYD HKD HNL HRD HRK HTG
HUF IDR IEP ILP ILR ILS INR IQD IRR ISJ ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAJ LAK LBP LKR LRD
LSL LSM LTL LTT LUC LUF LUL LVL LVR LYD MAD MDL MGA MGF MKD MLF MMK MNT MOP MRO MRU MTL MTP MUR MVQ MVR MWK MXN MXP
MXV MYR MZE MZM MZN NAD NGN NIC NIO NLG NOK NPR NZD OMR PAB PEH PEI PEN PES PGK PHP PKR PLN PLZ PTE PYG QAR RHD ROK
ROL RON RSD RUB RUR RWF SAR SBD SCR SDD SDG SDP SEK SGD SHP SIT SKK SLL SOS SRD SRG SSP STD STN SUR SVC SYP SZL THB
TJR TJS TMM TMT TND TOP TPE TRL TRY TTD TWD TZS UAH UAK UGS UGW UGX USD USN USS UYI UYN UYP UYU UYW UZS VEB VEF VES
VNC VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XEU XFO XFU XOF XPD XPF XPT XRE XSU XTS XUA XXX YDD YER YUD YUM
YUN ZAL ZAR ZMK ZMW ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
"""
CURRENCIES = frozenset(_CODES.split())


def nearest_currencies(code: str) -> str:
    """Return words that name the codes nearest to one that is not taken, or such as USD where none is near."""
    meant = code.strip().upper()
    near = sorted((-_likeness(meant, known), known) for known in CURRENCIES if _likeness(meant, known) > 1)
    return f"; the nearest are {', '.join(known for _, known in near[:3])}" if near else ", such as USD"


def _likeness(meant: str, known: str) -> int:
    """Count letters in their places; letters that changed places, or one too many, come before one wrong letter."""
    if len(meant) <= _LONGEST_SLIP and (sorted(meant) == sorted(known) or meant.startswith(known)):
        return len(known)
    return sum(one == other for one, other in zip(meant, known, strict=False))
