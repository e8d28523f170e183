"""Files behind fields, and the storage that keeps them."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest

from manybase import fields
from manybase.conf import settings
from manybase.errors import ConfigurationError, FieldValueError
from manybase.fields.picture import dimensions


@pytest.fixture
def storage(tmp_path: Path) -> fields.FileSystemStorage:
    return fields.FileSystemStorage(tmp_path, base_url="/media/")


def test_a_storage_keeps_reads_and_removes(storage: fields.FileSystemStorage) -> None:
    name = storage.save("a/report.txt", fields.ContentFile("well"))
    assert name == "a/report.txt"
    assert storage.exists(name)
    assert storage.size(name) == 4
    with storage.open(name) as opened:
        assert opened.read() == b"well"
    assert storage.url("a/ä b.txt") == "/media/a/%C3%A4%20b.txt"
    storage.delete(name)
    storage.delete(name)
    assert not storage.exists(name)


def test_a_taken_name_gets_some_letters(storage: fields.FileSystemStorage) -> None:
    first = storage.save("a b.txt", fields.ContentFile("1"))
    second = storage.save("a b.txt", fields.ContentFile("2"))
    assert first == "a_b.txt"
    assert second.startswith("a_b_")
    assert second.endswith(".txt")


def test_names_are_cut_to_the_length_of_the_column(storage: fields.FileSystemStorage) -> None:
    name = storage.save("x" * 50 + ".txt", fields.ContentFile("1"), max_length=20)
    assert len(name) == 20
    assert name.endswith(".txt")
    with pytest.raises(FieldValueError, match="short enough"):
        storage.save("x" * 50 + ".txt", fields.ContentFile("1"), max_length=10)


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/hosts"])
def test_no_name_leads_out_of_the_directory(storage: fields.FileSystemStorage, name: str) -> None:
    with pytest.raises(FieldValueError, match="leads out"):
        storage.open(name)
    with pytest.raises(FieldValueError, match="leads out"):
        storage.save(name, fields.ContentFile("1"))


def test_the_settings_say_where_files_lie(tmp_path: Path) -> None:
    with settings.override(MEDIA_ROOT=str(tmp_path), MEDIA_URL=""):
        assert fields.default_storage.path("a") == str(tmp_path / "a")
        with pytest.raises(ConfigurationError, match="no URL"):
            fields.default_storage.url("a")


@pytest.fixture
def report(make: Any, storage: fields.FileSystemStorage) -> Any:
    return make(
        "Report",
        scan=fields.FileField(upload_to="scans", storage=storage, blank=True),
        picture=fields.ImageField(
            storage=storage, width_field="width", height_field="height", null=True
        ),
    )


def test_the_value_is_a_file_with_the_path_of_the_row(report: Any, tmp_path: Path) -> None:
    one = report()
    one.__dict__["scan"] = "scans/a.txt"  # as a row is hydrated
    assert one.scan == "scans/a.txt"
    assert one.scan.path == str(tmp_path / "scans" / "a.txt")
    assert one.scan.url == "/media/scans/a.txt"
    assert one.scan is one.scan
    one.__dict__["scan"] = ""
    assert not one.scan
    with pytest.raises(FieldValueError, match=r"Report\.scan' has no file on this object"):
        _ = one.scan.url


def test_a_new_file_is_kept_at_the_save(report: Any, tmp_path: Path) -> None:
    field = report._meta.get_field("scan")
    one = report()
    one.scan = fields.ContentFile("well", name="dir/report.txt")
    assert one.scan.size == 4
    value = field.pre_save(one, True)
    assert field.prepare(value) == "scans/report.txt"
    assert (tmp_path / "scans" / "report.txt").read_text() == "well"
    with one.scan.open() as opened:
        assert opened.read() == b"well"
    one.scan.delete(save=False)
    assert field.prepare(one.scan) == ""
    assert not (tmp_path / "scans" / "report.txt").exists()


def test_a_file_saved_by_hand_saves_the_object(report: Any) -> None:
    saved: list[Any] = []
    report.save = lambda self: saved.append(self)
    one = report(scan="")
    one.scan.save("b.txt", io.BytesIO(b"x"))
    assert saved == [one]
    assert str(one.scan) == "scans/b.txt"


def test_a_function_gives_the_path(make: Any, storage: fields.FileSystemStorage) -> None:
    field = fields.FileField(storage=storage, upload_to=lambda obj, name: f"{obj.kind}/{name}")
    model = make("Report", scan=field)
    one = model(kind="draft", scan=fields.ContentFile("x", name="a.txt"))
    assert field.pre_save(one, True).name == "draft/a.txt"


def test_the_value_pickles_without_open_files(report: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    value = report(scan="a.txt").scan
    value.read()
    state = value.__getstate__()
    assert state["_open"] is None
    value.close()


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", 7, 5) + b"\x00" * 10


def test_a_picture_notes_its_size(report: Any) -> None:
    one = report(picture=fields.ContentFile(PNG, name="p.png"))
    report._meta.get_field("picture").pre_save(one, True)
    assert (one.width, one.height) == (7, 5)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (7, 5)),
        (b"GIF89a" + struct.pack("<HH", 7, 5), (7, 5)),
        (b"BM" + b"\x00" * 16 + struct.pack("<ii", 7, -5), (7, 5)),
        (
            b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0" + struct.pack(">HBHH", 11, 8, 5, 7),
            (7, 5),
        ),
        (b"RIFF....WEBPVP8X" + b"\x00" * 8 + b"\x06\x00\x00\x04\x00\x00", (7, 5)),
        (b"RIFF....WEBPVP8L" + b"\x00" * 5 + struct.pack("<I", 6 | 4 << 14) + b"....", (7, 5)),
        (b"RIFF....WEBPVP8 " + b"\x00" * 10 + struct.pack("<HH", 7, 5), (7, 5)),
        (b"\xff\xd8\xff", None),
        (b"text", None),
    ],
)
def test_the_sizes_of_pictures(data: bytes, size: tuple[int, int] | None) -> None:
    assert dimensions(io.BytesIO(data)) == size


def test_paths_that_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.py", "sub/c.txt"):
        (tmp_path / name).write_text("")
    here = fields.FilePathField(path=str(tmp_path), match=r"\.txt$")
    deep = fields.FilePathField(path=lambda: str(tmp_path), recursive=True, allow_folders=True)
    assert here.paths() == [str(tmp_path / "a.txt")]
    assert len(deep.paths()) == 4


def test_a_storage_is_made_by_a_function() -> None:
    field = fields.FileField(storage=fields.FileSystemStorage)
    assert field.file_storage == fields.FileSystemStorage()
    assert pickle.loads(pickle.dumps(field)).file_storage == field.file_storage
