"""Personal data in what is kept → tags: phones, e-mails, social security and account numbers, names of private persons.

Pure patterns on text. What is searched and answered keeps its words; what goes to the database does not.
"""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)33\s?(?:\(0\)\s?)?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NIR = re.compile(
    r"(?<!\d)[12][\s.]?\d{2}[\s.]?(?:0[1-9]|1[0-2])[\s.]?(?:\d{2}|2[AB])(?:[\s.]?\d{3}){2}(?:[\s.]?\d{2})?(?!\d)", re.I
)
_IBAN = re.compile(r"\bFR\d{2}(?:\s?[\dA-Z]{4}){5}\s?[\dA-Z]{3}\b", re.I)
_NAMED = re.compile(
    r"\b((?i:(?:mon|ma|mes|le|la|notre|son|sa)\s+(?:voisine?|locataire|administrée?|agente?|collègue|beau-frère|"
    r"propriétaire)s?)\s+|"
    r"(?:M\.|Mme|Mlle|Monsieur|Madame)\s+)[A-ZÀ-Ý][\wà-ÿ'’-]+(?:\s[A-ZÀ-Ý][\wà-ÿ'’-]+){0,2}"
)


def mask(text: str) -> str:
    """Replace personal data with tags: phones, e-mails, NIR, IBAN, and names after « mon voisin » or « Mme ».

    « Mme Durand, 06 12 34 56 78 » is « Mme [nom], [téléphone] ».
    """
    text = _EMAIL.sub("[courriel]", text)
    text = _IBAN.sub("[compte]", text)
    text = _NIR.sub("[numéro]", text)
    text = _PHONE.sub("[téléphone]", text)
    return _NAMED.sub(lambda match: f"{match[1]}[nom]", text)
