using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serverless.Web.Tests.Predict;

/// <summary>
/// Bodies that were meant well once: a tree of JSON with wrong types, fields twice, deep nesting, numbers beyond all ranges, shapes whose product overflows; then bytes cut, flipped and no UTF-8.
/// The same seed gives the same bodies.
/// </summary>
internal sealed class Mutations(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "1", "2", "-1", "1.5", "1e308", "1e999", "-1e999", "9223372036854775807", "9223372036854775808", "18446744073709551616", "4294967296", "0.1e-400", "NaN", "Infinity",
        "-Infinity", "00", "1.", ".5", "+1", "\"\"", "\"x\"", "\"NaN\"", "\"\\u0000\"", "\"\\uD800\"", "\"\\udfff\\uD800\"", "\"é😀\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59.9999999-14:00\"",
        "\"BYTES\"", "\"FP64\"", "\"INT8\"", "\"BOOL\"", "\"date\"", "\"origin\"", "\"prediction\"", "[]", "{}", "[[]]", "[null]", "[1,[2]]", "[1,2]", "[2,1]", "[2147483647,2147483647,4]", "[9223372036854775807,2]",
        "[-1,1]", "[0]", "[1,1,1,1,1,1,1,1,1]", "[10001]", "{\"binary_data_size\":8}", "{\"content_type\":\"base64\"}", "{\"subject\":{}}", "{\"keys\":[1]}", "'x'", "undefined", "/**/", "",
    ];

    private static readonly string[] Names =
    [
        "rows", "subject", "keys", "explain", "language", "inputs", "outputs", "id", "parameters", "name", "shape", "datatype", "data", "dataframe_split", "dataframe_records", "instances", "columns", "index", "params",
        "predict_method", "client_request_id", "date", "distance", "origin", "seats", "cancelled", "delay", "", "\\uD800", "d\\u0061te", "x",
    ];

    private readonly Random random = new(seed);

    public byte[] Json(string well)
    {
        var tree = Node.Of(JsonDocument.Parse(well).RootElement);
        for (var edits = random.Next(1, 4); edits > 0; edits--) Edit(tree);
        var text = new StringBuilder();
        tree.Write(text);
        return random.Next(3) == 0 ? Bytes(Encoding.UTF8.GetBytes(text.ToString())) : Encoding.UTF8.GetBytes(text.ToString());
    }

    public byte[] Csv(string well)
    {
        string[] pieces = ["\"", "\"\"", ",", "\n", "\r", "\r\n", ",,,,,,,,", "\0", "é", "NaN", "1e999", "date,date", "\uFEFF", "\"a\nb\"", "9223372036854775808", "true", "''"];
        var text = well;
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(text.Length + 1);
            text = random.Next(3) == 0 ? text.Remove(Math.Min(at, Math.Max(0, text.Length - 1)), Math.Min(random.Next(12), text.Length - Math.Min(at, Math.Max(0, text.Length - 1)))) : text.Insert(at, pieces[random.Next(pieces.Length)]);
        }

        return random.Next(3) == 0 ? Bytes(Encoding.UTF8.GetBytes(text)) : Encoding.UTF8.GetBytes(text);
    }

    private byte[] Bytes(byte[] body)
    {
        if (body.Length == 0) return body;
        var at = random.Next(body.Length);
        switch (random.Next(5))
        {
            case 0: return body[..at];
            case 1: return body[at..];
            case 2:
                body[at] = (byte)random.Next(256);
                return body;
            case 3: return [.. body[..at], 0xC3, 0x28, 0xFF, .. body[at..]];
            default: return [.. body[..at], .. body[random.Next(at + 1)..at], .. body[at..]];
        }
    }

    private void Edit(Node tree)
    {
        var all = new List<Node>();
        tree.Collect(all);
        var node = all[random.Next(all.Count)];
        switch (random.Next(7))
        {
            case 0 or 1:
                node.Become(new Node { Raw = Values[random.Next(Values.Length)] });
                break;
            case 2:
                var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
                var depth = random.Next(10) == 0 ? random.Next(1, 3000) : random.Next(1, 12);
                node.Become(new Node { Raw = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth)) });
                break;
            case 3 when node.Children is { Count: > 0 } children:
                children.RemoveAt(random.Next(children.Count));
                break;
            case 4 when node.Children is { Count: > 0 } children:
                children.Insert(random.Next(children.Count + 1), children[random.Next(children.Count)]);
                break;
            case 5 when node.Children is { Count: > 0 } children:
                var index = random.Next(children.Count);
                children[index] = (Names[random.Next(Names.Length)], children[index].Value);
                break;
            case 6 when node.Children is { } children:
                children.Add((Names[random.Next(Names.Length)], new Node { Raw = Values[random.Next(Values.Length)] }));
                break;
            default:
                node.Become(all[random.Next(all.Count)].Copy());
                break;
        }
    }

    /// <summary>A value; an object may have a name twice, which no library's tree can.</summary>
    private sealed class Node
    {
        public string? Raw { get; set; }

        public bool IsObject { get; set; }

        public List<(string Name, Node Value)>? Children { get; set; }

        public static Node Of(JsonElement element) => element.ValueKind switch
        {
            JsonValueKind.Object => new() { IsObject = true, Children = [.. element.EnumerateObject().Select(p => (p.Name, Of(p.Value)))] },
            JsonValueKind.Array => new() { Children = [.. element.EnumerateArray().Select(i => ("x", Of(i)))] },
            _ => new() { Raw = element.GetRawText() },
        };

        public void Become(Node other) => (Raw, IsObject, Children) = (other.Raw, other.IsObject, other.Children);

        public Node Copy() => new() { Raw = Raw, IsObject = IsObject, Children = Children is null ? null : [.. Children.Select(c => (c.Name, c.Value.Copy()))] };

        public void Collect(List<Node> all)
        {
            all.Add(this);
            foreach (var (_, child) in Children ?? []) child.Collect(all);
        }

        public void Write(StringBuilder text)
        {
            if (Children is null)
            {
                text.Append(Raw);
                return;
            }

            text.Append(IsObject ? '{' : '[');
            for (var i = 0; i < Children.Count; i++)
            {
                if (i > 0) text.Append(',');
                if (IsObject) text.Append(CultureInfo.InvariantCulture, $"\"{Children[i].Name}\":");
                Children[i].Value.Write(text);
            }

            text.Append(IsObject ? '}' : ']');
        }
    }
}
