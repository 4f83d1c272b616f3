"""XML as Aperio ImageScope and ASAP write it."""

import numpy as np
import pytest

from napari_sharpgan.formats import NucleusInfo, read_labels, read_nuclei

VERTICES = "".join(f'<Vertex X="{x}" Y="{y}" Z="0"/>' for x, y in ((1, 2), (4, 2), (4, 5), (1, 5)))
IMAGESCOPE = f"""<?xml version="1.0" encoding="utf-8"?>
<Annotations MicronsPerPixel="0.252">
  <Annotation Id="1" Name="" ReadOnly="1" Type="4" LineColor="65535">
    <Attributes><Attribute Name="Epithelial" Id="0" Value=""/></Attributes>
    <Regions>
      <RegionAttributeHeaders><AttributeHeader Id="9999" Name="Region"/></RegionAttributeHeaders>
      <Region Id="1" Type="0" Text="large" NegativeROA="0" Area="9.0" Length="0"><Attributes/>
        <Vertices>{VERTICES}</Vertices></Region>
      <Region Id="2" Type="3"><Vertices><Vertex X="1" Y="1"/><Vertex X="9" Y="9"/></Vertices></Region>
      <Region Id="3" Type="0" NegativeROA="1"><Vertices>{VERTICES}</Vertices></Region>
      <Region Id="4" Type="1"><Vertices><Vertex X="5" Y="0"/><Vertex X="7" Y="1"/></Vertices></Region>
    </Regions>
  </Annotation>
</Annotations>"""
COORDINATES = "".join(
    f'<Coordinate Order="{order}" X="{x}" Y="{y}"/>'
    for order, x, y in ((2, 4, 5), (0, 1, 2), (1, 4, 2), (3, 1, 5))
)
ASAP = f"""<?xml version="1.0"?>
<ASAP_Annotations>
  <Annotations>
    <Annotation Name="one" Type="Polygon" PartOfGroup="Tumor" Color="#F4FA58">
      <Coordinates>{COORDINATES}</Coordinates></Annotation>
    <Annotation Name="two" Type="Dot" PartOfGroup="None" Color="#F4FA58">
      <Coordinates><Coordinate Order="0" X="1" Y="1"/></Coordinates></Annotation>
    <Annotation Name="three" Type="Spline" PartOfGroup="None" Color="oddly">
      <Coordinates>{COORDINATES}</Coordinates></Annotation>
  </Annotations>
  <AnnotationGroups><Group Name="Tumor" PartOfGroup="None" Color="#00ff01"/></AnnotationGroups>
</ASAP_Annotations>"""


@pytest.fixture
def nuclei(tmp_path):
    def read(text):
        (tmp_path / "a.xml").write_text(text)
        return read_nuclei(tmp_path / "a.xml")

    return read


def test_regions_of_imagescope_are_nuclei_of_the_class_of_their_layer(nuclei):
    found = nuclei(IMAGESCOPE)
    expected = np.zeros((6, 8), int)
    expected[2:5, 1:4], expected[0, 5:7] = 1, 2
    np.testing.assert_array_equal(found.to_labels((6, 8)), expected)
    assert found.micrometers_per_pixel == 0.252
    assert found.info[1] == NucleusInfo(
        name="large",
        class_name="Epithelial",
        class_color=(255, 255, 0),
        is_locked=True,
        measurements={"Area": 9.0},
    )
    assert list(found.notes) == [
        "region 2 of layer Epithelial of a.xml: A region of type 3 is no nucleus; it was left out.",
        "region 3 of layer Epithelial of a.xml: It is a negative region (a hole); it was left out.",
    ]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('Name="Tumor"><Attributes><Attribute Name="Description" Value="x"/></Attributes>', "Tumor"),
        ('Name=""><Attributes><Attribute Name="Description" Value="x"/></Attributes>', "x"),
        ('Name=""><Attributes><Attribute Name="Description" Value=""/></Attributes>', ""),
        ('Id="1">', ""),
    ],
)
def test_the_class_is_the_name_of_the_layer_or_what_its_attribute_says(nuclei, head, name):
    regions = f"<Regions><Region><Vertices>{VERTICES}</Vertices></Region></Regions>"
    found = nuclei(f"<Annotations><Annotation {head}{regions}</Annotation></Annotations>")
    assert found.info[1].class_name == name
    assert found.micrometers_per_pixel is None


def test_annotations_of_asap_are_nuclei_of_the_class_of_their_group_in_their_order(nuclei):
    found = nuclei(ASAP)
    np.testing.assert_array_equal(found.polygons[0], [[1.5, 0.5], [1.5, 3.5], [4.5, 3.5], [4.5, 0.5]])
    assert found.info[1] == NucleusInfo(
        name="one", color=(244, 250, 88), class_name="Tumor", class_color=(0, 255, 1)
    )
    assert found.info[2] == NucleusInfo(name="three")
    assert len(found.notes) == 2
    assert "annotation two of a.xml: A Dot is no nucleus" in found.notes[0]


@pytest.mark.parametrize("text", [IMAGESCOPE, ASAP])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_a_truncated_file_is_one_sentence(text, share, tmp_path):
    (tmp_path / "a.xml").write_text(text[: int(len(text) * share)])
    with pytest.raises(ValueError, match=r"a\.xml cannot be read as XML"):
        read_labels(tmp_path / "a.xml")


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><Annotations>&c;</Annotations>',
        '<!DOCTYPE a SYSTEM "file:///etc/hostname"><Annotations/>',
    ],
)
def test_document_types_are_refused_whatever_they_hold(nuclei, text):
    with pytest.raises(ValueError, match=r"a\.xml cannot be read as XML: it declares a document type"):
        nuclei(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<svg/>", "must be XML of ImageScope or ASAP, but its first tag is 'svg'"),
        (IMAGESCOPE.replace('X="1" Y="2"', 'X="one" Y="2"'), "at region 1 of layer Epithelial"),
        (IMAGESCOPE.replace('X="1" Y="2"', 'X="nan" Y="2"'), "at region 1 of layer Epithelial"),
        (IMAGESCOPE.replace('X="1" Y="2"', 'Y="2"'), "at region 1 of layer Epithelial"),
        (IMAGESCOPE.replace('"0.252"', '"wide"'), "at MicronsPerPixel"),
        (ASAP.replace('Order="2"', 'Order="last"'), "at annotation one"),
    ],
)
def test_rubbish_is_named(nuclei, text, words):
    with pytest.raises(ValueError, match=rf"a\.xml.*{words}") as error:
        nuclei(text)
    assert "\n" not in str(error.value)
