"""The stamp of a Word document or workbook: a custom property, which Office shows with the file and keeps."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.package import Package

NAME = "clustersim"
PLACE = "docProps/custom.xml"
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
    part = Part(PackURI(f"/{PLACE}"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, content, package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def get(path: Path) -> str | None:
    """None where the document has no such property.

    Raises:
        zipfile.BadZipFile: it is no document of Office.
    """
    with zipfile.ZipFile(path) as document:
        if PLACE not in document.namelist():
            return None
        properties = ElementTree.fromstring(document.read(PLACE))
    for one in properties:
        if one.get("name") == NAME:
            return "".join(one.itertext())
    return None
