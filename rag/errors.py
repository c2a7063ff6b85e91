"""Every fault that Groundwire expects, each with one line that says what, where and what to do.

    GroundwireError
    ├── ConfigError        a setting or an option is wrong
    ├── CorpusError        the folder of articles cannot be used
    ├── IndexMissing       nothing was built yet
    ├── IndexMismatch      built with another model, dimension or format
    ├── IndexDamaged       a file of the index is not what the manifest says
    ├── IndexLocked        another process is building
    ├── ModelUnavailable   a model cannot be had, or its bytes are not the published ones
    └── UpstreamError      an LLM endpoint or a Chroma server failed

"The articles do not say" is an `Answer`, not an error.
"""


class GroundwireError(Exception):
    """A fault to be shown to a person as one line."""


class ConfigError(GroundwireError):
    """A setting or an option is wrong."""


class CorpusError(GroundwireError):
    """The folder of articles cannot be used."""


class IndexMissing(GroundwireError):
    """No index was built yet."""


class IndexMismatch(GroundwireError):
    """The index was built with another model, dimension or format."""


class IndexDamaged(GroundwireError):
    """A file of the index is not what the manifest says."""


class IndexLocked(GroundwireError):
    """Another process is building the index."""


class ModelUnavailable(GroundwireError):
    """A model cannot be had, or its bytes are not the published ones."""


class UpstreamError(GroundwireError):
    """An LLM endpoint or a Chroma server failed."""
