"""Training of the bundled reader: SQuAD-format folders → ONNX int8 model. Needs the extra `train`."""
