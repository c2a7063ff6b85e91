"""The bundled reader: its files are what they were, and it reads what it is given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rag.errors import ModelUnavailable
from rag.onnx_model import MODEL_FILE, load_model
from rag.reader import WINDOW_TOKENS, Reader, bundled_folder, open_reader

FACT = "Captain Mira Solberg repaired the lighthouse in 1974."
FILLER = "The sea was calm and the wind came from the west. " * 60


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return open_reader("bundled", tmp_path_factory.mktemp("unused"), 2)


def best(reader: Reader, question: str, *texts: str) -> str:
    found, _ = reader.read(question, texts)
    chosen = max(found, key=lambda candidate: candidate.margin)
    return texts[chosen.passage][chosen.start : chosen.end]


def test_the_span_that_answers_is_found(reader: Reader) -> None:
    assert best(reader, "Who repaired the lighthouse?", FACT) == "Captain Mira Solberg"
    assert best(reader, "When was the lighthouse repaired?", FACT).endswith("1974")


def test_a_fact_behind_the_window_is_found(reader: Reader) -> None:
    text = FILLER + FACT
    assert len(text.split()) > 2 * WINDOW_TOKENS
    assert "Solberg" in best(reader, "Who repaired the lighthouse?", text)


def test_spans_of_all_texts_are_merged_and_each_is_a_place_in_its_text(reader: Reader) -> None:
    texts = [FILLER[:500], FACT, ""]
    found, read = reader.read("Who repaired the lighthouse?", texts)
    assert read == 3
    assert {candidate.passage for candidate in found} == {0, 1}
    for candidate in found:
        assert 0 <= candidate.start < candidate.end <= len(texts[candidate.passage])


def test_reading_ends_when_enough_is_known(reader: Reader) -> None:
    _, read = reader.read("Who?", [FACT] * 8, enough=lambda found: bool(found))
    assert read == 2


@pytest.mark.parametrize("question", ["", "😀", "x" * 2000, "谁修好了灯塔？", "' OR 1=1 --\n\n"])
def test_odd_questions_are_read(reader: Reader, question: str) -> None:
    found, _ = reader.read(question, [FACT])
    assert all(FACT[candidate.start : candidate.end] for candidate in found)


def test_a_model_with_one_byte_changed_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    shutil.copytree(bundled_folder(), folder)
    model = folder / MODEL_FILE
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    with pytest.raises(ModelUnavailable, match=r"model\.onnx"):
        load_model(folder)


def test_the_model_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in bundled_folder().iterdir()) < 25_000_000


def test_any_question_answering_model_in_a_folder_can_take_its_place(tmp_path: Path) -> None:
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

    torch.manual_seed(1)
    words = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    config = BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    folder = tmp_path / "other"
    BertForQuestionAnswering(config).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=words, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"
    ).save_pretrained(folder)
    other = open_reader(str(folder), tmp_path / "data", 2)
    found, _ = other.read("Who repaired the lighthouse?", [FACT])
    assert found and all(FACT[candidate.start : candidate.end] for candidate in found)
    assert "calibration" not in other.card
