using System.Globalization;

namespace Serverless.Onnx.Files;

/// <summary>Reads what <see cref="OnnxFile"/> holds out of the bytes.</summary>
internal sealed class OnnxReader
{
    /// <summary>The names of ONNX's own operator set.</summary>
    internal const string Standard = "ai.onnx";

    private const int DeepestGraph = 32;

    private readonly HashSet<(string, string)> operators = [];
    private readonly HashSet<(string, string)> functions = [];
    private readonly List<OnnxExternal> external = [];
    private readonly Dictionary<string, long> opsets = new(StringComparer.Ordinal);
    private readonly List<OnnxNode> nodes = [];
    private readonly List<OnnxValue> inputs = [], outputs = [];
    private readonly HashSet<string> filled = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">This is no ONNX file, or a damaged one.</exception>
    public static OnnxFile Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new OnnxReader();
        var (ir, producer, version, graphs) = (0L, "", "", 0);
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 1: ir = field.Number64; break;
                case 2: producer = field.Text; break;
                case 3: version = field.Text; break;
                case 7:
                    graphs++;
                    reader.Graph(field.Bytes, 0);
                    break;
                case 8: reader.Opset(field.Bytes); break;
                case 25: reader.Function(field.Bytes); break;
            }
        }

        if (graphs != 1 || ir == 0) throw new InvalidDataException("there is no ONNX graph in it");
        if (reader.opsets.Count == 0) throw new InvalidDataException("it names no operator set (opset_import)");
        return new OnnxFile
        {
            IrVersion = ir, Producer = $"{producer} {version}".Trim(), Opsets = reader.opsets, Inputs = [.. reader.inputs.Where(i => !reader.filled.Contains(i.Name))], Outputs = reader.outputs,
            Nodes = reader.nodes, Operators = reader.operators, Functions = reader.functions, External = reader.external,
        };
    }

    internal static string DomainOf(string written) => written.Length == 0 ? Standard : written;

    private void Opset(ReadOnlySpan<byte> bytes)
    {
        var (domain, version) = ("", 0L);
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == 1) domain = field.Text;
            else if (field.Number == 2) version = field.Number64;
        }

        opsets[DomainOf(domain)] = version;
    }

    private void Function(ReadOnlySpan<byte> bytes)
    {
        var (name, domain) = ("", "");
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == 1) name = field.Text;
            else if (field.Number == 10) domain = field.Text;
            else if (field.Number == 7) Node(field.Bytes, 1);
        }

        functions.Add((DomainOf(domain), name));
    }

    private void Graph(ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > DeepestGraph) throw new InvalidDataException($"its graphs are nested deeper than {DeepestGraph}");
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 1 when field.Type == 2: Node(field.Bytes, depth); break;
                case 5: filled.Add(Tensor(field.Bytes, depth == 0)); break;
                case 11 when depth == 0: inputs.Add(Value(field.Bytes)); break;
                case 12 when depth == 0: outputs.Add(Value(field.Bytes)); break;
                case 15: SparseTensor(field.Bytes); break;
            }
        }
    }

    private void Node(ReadOnlySpan<byte> bytes, int depth)
    {
        var (name, domain, labels, ins, outs) = ("", "", (IReadOnlyList<string>?)null, new List<string>(), new List<string>());
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 1: ins.Add(field.Text); break;
                case 2: outs.Add(field.Text); break;
                case 4: name = field.Text; break;
                case 7: domain = field.Text; break;
                case 5: labels = Attribute(field.Bytes, depth) ?? labels; break;
            }
        }

        operators.Add((DomainOf(domain), name));
        if (depth == 0) nodes.Add(new OnnxNode(DomainOf(domain), name, ins, outs, labels));
    }

    // Class labels, if that is what it is; branches and constants are looked into.
    private List<string>? Attribute(ReadOnlySpan<byte> bytes, int depth)
    {
        var (name, texts, numbers) = ("", new List<string>(), new List<long>());
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 1: name = field.Text; break;
                case 5 or 10: Tensor(field.Bytes, graph: false); break;
                case 6 or 11 when field.Type == 2: Graph(field.Bytes, depth + 1); break;
                case 8: field.AddTo(numbers); break;
                case 9: texts.Add(field.Text); break;
                case 22 or 23: SparseTensor(field.Bytes); break;
            }
        }

        return !name.StartsWith("classlabels_", StringComparison.Ordinal) ? null
            : texts.Count > 0 ? texts
            : numbers.Count > 0 ? [.. numbers.Select(n => n.ToString(CultureInfo.InvariantCulture))] : null;
    }

    private void SparseTensor(ReadOnlySpan<byte> bytes)
    {
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number is 1 or 2) Tensor(field.Bytes, graph: false);
        }
    }

    private string Tensor(ReadOnlySpan<byte> bytes, bool graph)
    {
        var (name, location, offset, length, outside) = ("", (string?)null, 0L, (long?)null, false);
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            switch (field.Number)
            {
                case 8: name = field.Text; break;
                case 14: outside = field.Number64 == 1; break;
                case 13:
                    var (key, value) = Entry(field.Bytes);
                    if (key == "location") location = value;
                    else if (key == "offset") offset = Whole(value);
                    else if (key == "length") length = Whole(value);
                    break;
            }
        }

        if (outside || location is not null) external.Add(new OnnxExternal(name, location ?? "", offset, length, graph));
        return name;
    }

    private static long Whole(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidDataException($"external data begin at or have the length '{text}'");

    internal static (string Key, string Value) Entry(ReadOnlySpan<byte> bytes)
    {
        var (key, value) = ("", "");
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == 1) key = field.Text;
            else if (field.Number == 2) value = field.Text;
        }

        return (key, value);
    }

    private static OnnxValue Value(ReadOnlySpan<byte> bytes)
    {
        var value = new OnnxValue("", 0, null);
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number == 1) value = value with { Name = field.Text };
            else if (field.Number == 2) value = Type(field.Bytes, value);
        }

        return value;
    }

    private static OnnxValue Type(ReadOnlySpan<byte> bytes, OnnxValue value)
    {
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number != 1) continue; // a sequence, a map, ...
            var tensor = new WireReader(field.Bytes);
            while (tensor.Next(out var part))
            {
                if (part.Number == 1) value = value with { Type = (int)part.Number64 };
                else if (part.Number == 2) value = value with { Shape = Shape(part.Bytes) };
            }
        }

        return value;
    }

    private static List<long?> Shape(ReadOnlySpan<byte> bytes)
    {
        var shape = new List<long?>();
        var message = new WireReader(bytes);
        while (message.Next(out var field))
        {
            if (field.Number != 1) continue;
            long? size = null;
            var dimension = new WireReader(field.Bytes);
            while (dimension.Next(out var part))
            {
                if (part.Number == 1) size = part.Number64;
            }

            shape.Add(size);
        }

        return shape;
    }
}
