"""The semantic map: the chunks of a workspace as points of a plane, near where they are alike."""

from codekin.mapping.layout import Positions, lay_out
from codekin.mapping.mapper import Mapper, SemanticMap

__all__ = ["Mapper", "Positions", "SemanticMap", "lay_out"]
