namespace Serverless.Onnx.Files;

/// <summary>What is in an ONNX file (onnx.proto of IR version 10), as far as it is checked.</summary>
internal sealed record OnnxFile
{
    public required long IrVersion { get; init; }

    /// <summary>Program that wrote it, with its version; empty when it does not say.</summary>
    public required string Producer { get; init; }

    /// <summary>Version of each operator set, by domain; the domain of ONNX itself is "ai.onnx".</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Inputs that a caller fills (not those that have a value within the file).</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    /// <summary>Nodes of the graph itself, in their order.</summary>
    public required IReadOnlyList<OnnxNode> Nodes { get; init; }

    /// <summary>Every operator that occurs, in branches and local functions too, as domain and name.</summary>
    public required IReadOnlySet<(string Domain, string Name)> Operators { get; init; }

    /// <summary>Functions that the file itself defines.</summary>
    public required IReadOnlySet<(string Domain, string Name)> Functions { get; init; }

    /// <summary>Tensors whose values lie in other files.</summary>
    public required IReadOnlyList<OnnxExternal> External { get; init; }
}

/// <param name="Type">ONNX's number of an element type (1 float, 7 int64, 8 string, 11 double); 0 where it is no tensor.</param>
/// <param name="Shape">Null where it is not said; a dimension is null where it is free.</param>
internal sealed record OnnxValue(string Name, int Type, IReadOnlyList<long?>? Shape)
{
    public string TypeName => Type switch
    {
        0 => "no tensor", 1 => "float", 2 => "uint8", 3 => "int8", 5 => "int16", 6 => "int32", 7 => "int64", 8 => "string", 9 => "bool", 10 => "float16", 11 => "double",
        _ => $"element type {Type}",
    };

    public string ShapeText => Shape is null ? "of unknown shape" : $"[{string.Join(", ", Shape.Select(d => d?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]";
}

/// <param name="Labels">Class labels, as text, where the operator has them.</param>
internal sealed record OnnxNode(string Domain, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<string>? Labels);

/// <param name="Graph">It is an initializer of the graph itself, so that its values can be put into the file.</param>
internal sealed record OnnxExternal(string Tensor, string Location, long Offset, long? Length, bool Graph);
