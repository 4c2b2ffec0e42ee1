"""The semantic map: the chunks of a workspace as points on a plane, similar ones close together."""

from codekin.mapping.layout import Positions, lay_out
from codekin.mapping.mapper import Mapper, SemanticMap

__all__ = ["Mapper", "Positions", "SemanticMap", "lay_out"]
