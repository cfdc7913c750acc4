"""What a Word document and a workbook say of themselves: a stamp, who made them and when.

The stamp is a custom property, which Office shows with the file and keeps.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.package import Package

from clustersim.render.stamps import CUSTOM, NAME

CORE = "docProps/core.xml"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a ZIP can hold
_TERMS, _ELEMENTS = "http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006"
_XML = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"
    "<Properties xmlns='{types}/custom-properties' xmlns:vt='{types}/docPropsVTypes'>"
    "<property fmtid='{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}' pid='2' name='{name}'>"
    "<vt:lpwstr>{text}</vt:lpwstr></property></Properties>"
)


def put(package: Package, text: str) -> None:
    """Of a Word document; a workbook is stamped by openpyxl itself."""
    content = _XML.format(types=_TYPES, name=NAME, text=escape(text)).encode()
    part = Part(PackURI(f"/{CUSTOM}"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, content, package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def dated(content: bytes, time: str) -> bytes:
    """A document or workbook without the time at which it was written: the same results give the same bytes.

    Args:
        time: that it says it was made at, UTC, ISO 8601.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(target, "w") as again:
        for name in made.namelist():
            inside = _core(made.read(name), time) if name == CORE else made.read(name)
            again.writestr(zipfile.ZipInfo(name, EARLIEST), inside, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _core(content: bytes, time: str) -> bytes:
    for prefix, name in (("dcterms", _TERMS), ("dc", _ELEMENTS), ("xsi", _INSTANCE)):
        ElementTree.register_namespace(prefix, name)
    core = ElementTree.fromstring(content)
    for tag in ("created", "modified"):
        element = _child(core, f"{{{_TERMS}}}{tag}")
        element.set(f"{{{_INSTANCE}}}type", "dcterms:W3CDTF")
        element.text = time
    _child(core, f"{{{_ELEMENTS}}}creator").text = NAME
    return ElementTree.tostring(core, encoding="UTF-8", xml_declaration=True)


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    found = element.find(tag)
    return ElementTree.SubElement(element, tag) if found is None else found
