using Serverless.Onnx.Files;

namespace Serverless.Onnx.Tests;

/// <summary>Small ONNX files, written field by field after onnx.proto.</summary>
internal sealed class Graphs
{
    private readonly List<byte[]> nodes = [], inputs = [], outputs = [], initializers = [];
    private readonly Dictionary<string, long> opsets = new() { [""] = 17, ["ai.onnx.ml"] = 3 };

    public Graphs Opset(string domain, long version)
    {
        opsets[domain] = version;
        return this;
    }

    /// <param name="shape">-1 = free.</param>
    public Graphs Input(string name, int type = 1, params long[] shape)
    {
        inputs.Add(Value(name, type, shape));
        return this;
    }

    public Graphs Output(string name, int type = 1, params long[] shape)
    {
        outputs.Add(Value(name, type, shape));
        return this;
    }

    /// <summary>A sequence of maps, as ZipMap gives.</summary>
    public Graphs OutputOfMaps(string name)
    {
        var map = new WireWriter().Bytes(5, new WireWriter().Number(1, 7).Bytes(2, Tensor(1, null)).ToArray()).ToArray();
        outputs.Add(new WireWriter().Text(1, name).Bytes(2, new WireWriter().Bytes(4, new WireWriter().Bytes(1, map).ToArray()).ToArray()).ToArray());
        return this;
    }

    public Graphs Node(string op, string[] from, string[] to, string domain = "", params byte[][] attributes)
    {
        var node = new WireWriter();
        foreach (var name in from) node.Text(1, name);
        foreach (var name in to) node.Text(2, name);
        node.Text(3, op.ToLowerInvariant()).Text(4, op).Text(7, domain);
        foreach (var attribute in attributes) node.Bytes(5, attribute);
        nodes.Add(node.ToArray());
        return this;
    }

    public Graphs Initializer(string name, float[] values, params long[] shape)
    {
        initializers.Add(Head(name, shape).Bytes(9, Raw(values)).ToArray());
        return this;
    }

    public Graphs ExternalInitializer(string name, string location, long offset, long length, params long[] shape)
    {
        var tensor = Head(name, shape);
        foreach (var (key, value) in new[] { ("location", location), ("offset", $"{offset}"), ("length", $"{length}") }) tensor.Bytes(13, new WireWriter().Text(1, key).Text(2, value).ToArray());
        initializers.Add(tensor.Number(14, 1).ToArray());
        return this;
    }

    public byte[] Build()
    {
        var graph = new WireWriter();
        foreach (var node in nodes) graph.Bytes(1, node);
        graph.Text(2, "graph");
        foreach (var tensor in initializers) graph.Bytes(5, tensor);
        foreach (var input in inputs) graph.Bytes(11, input);
        foreach (var output in outputs) graph.Bytes(12, output);
        var model = new WireWriter().Number(1, 8).Text(2, "serverless-tests").Text(3, "1.0").Bytes(7, graph.ToArray());
        foreach (var (domain, version) in opsets) model.Bytes(8, new WireWriter().Text(1, domain).Number(2, version).ToArray());
        return model.ToArray();
    }

    public static byte[] Floats(string name, params float[] values)
    {
        var attribute = new WireWriter().Text(1, name).Number(20, 6);
        attribute.Bytes(7, Raw(values));
        return attribute.ToArray();
    }

    public static byte[] Ints(string name, params long[] values)
    {
        var attribute = new WireWriter().Text(1, name).Number(20, 7);
        foreach (var value in values) attribute.Number(8, value);
        return attribute.ToArray();
    }

    public static byte[] Int(string name, long value) => new WireWriter().Text(1, name).Number(20, 2).Number(3, value).ToArray();

    public static byte[] Text(string name, string value) => new WireWriter().Text(1, name).Number(20, 3).Text(4, value).ToArray();

    public static byte[] Strings(string name, params string[] values)
    {
        var attribute = new WireWriter().Text(1, name).Number(20, 8);
        foreach (var value in values) attribute.Text(9, value);
        return attribute.ToArray();
    }

    public static byte[] Raw(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>Logistic regression as skl2onnx writes it: LinearClassifier, Normalizer, ZipMap.</summary>
    public static Graphs LinearClassifier(bool zipMap, params string[] labels)
    {
        var graph = new Graphs().Input("X", 1, -1, 2)
            .Node("LinearClassifier", ["X"], ["label", "raw"], "ai.onnx.ml",
                Strings("classlabels_strings", labels), Floats("coefficients", [.. labels.SelectMany((_, i) => new[] { i + 0.5f, 1f - i })]), Floats("intercepts", [.. labels.Select((_, i) => 0.1f * i)]),
                Int("multi_class", 1), Text("post_transform", "SOFTMAX"))
            .Node("Normalizer", ["raw"], ["probabilities"], "ai.onnx.ml", Text("norm", "L1"))
            .Output("label", 8, -1);
        return zipMap
            ? graph.Node("ZipMap", ["probabilities"], ["output_probability"], "ai.onnx.ml", Strings("classlabels_strings", labels)).OutputOfMaps("output_probability")
            : graph.Output("probabilities", 1, -1, labels.Length);
    }

    /// <summary>Two trees for two classes over three features; leaves in votes.</summary>
    public static Graphs Trees() => new Graphs().Input("X", 1, -1, 3)
        .Node("TreeEnsembleClassifier", ["X"], ["label", "probabilities"], "ai.onnx.ml",
            Ints("classlabels_int64s", 0, 1), Ints("nodes_treeids", 0, 0, 0, 1, 1, 1), Ints("nodes_nodeids", 0, 1, 2, 0, 1, 2), Ints("nodes_featureids", 0, 0, 0, 2, 0, 0),
            Floats("nodes_values", 5, 0, 0, 1, 0, 0), Ints("nodes_truenodeids", 1, 0, 0, 1, 0, 0), Ints("nodes_falsenodeids", 2, 0, 0, 2, 0, 0),
            Strings("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"), Ints("nodes_missing_value_tracks_true", 1, 0, 0, 0, 0, 0),
            Ints("class_treeids", 0, 0, 0, 0, 1, 1, 1, 1), Ints("class_nodeids", 1, 1, 2, 2, 1, 1, 2, 2), Ints("class_ids", 0, 1, 0, 1, 0, 1, 0, 1),
            Floats("class_weights", 0.45f, 0.05f, 0.1f, 0.4f, 0.3f, 0.2f, 0.05f, 0.45f), Text("post_transform", "NONE"))
        .Output("label", 7, -1).Output("probabilities", 1, -1, 2);

    /// <summary>y = 2 a - b + 3, one input for each.</summary>
    public static Graphs Line() => new Graphs().Input("b", 1, -1, 1).Input("a", 1, -1, 1)
        .Node("Mul", ["a", "two"], ["a2"]).Node("Sub", ["a2", "b"], ["d"]).Node("Add", ["d", "three"], ["y"])
        .Initializer("two", [2], 1).Initializer("three", [3], 1).Output("y", 1, -1, 1);

    private static WireWriter Head(string name, long[] shape)
    {
        var tensor = new WireWriter();
        foreach (var size in shape) tensor.Number(1, size);
        return tensor.Number(2, 1).Text(8, name);
    }

    private static byte[] Value(string name, int type, long[] shape) => new WireWriter().Text(1, name).Bytes(2, Tensor(type, shape)).ToArray();

    private static byte[] Tensor(int type, long[]? shape)
    {
        var tensor = new WireWriter().Number(1, type);
        if (shape is not null)
        {
            var dimensions = new WireWriter();
            foreach (var size in shape) dimensions.Bytes(1, size < 0 ? new WireWriter().Text(2, "N").ToArray() : new WireWriter().Number(1, size).ToArray());
            tensor.Bytes(2, dimensions.ToArray());
        }

        return new WireWriter().Bytes(1, tensor.ToArray()).ToArray();
    }
}
