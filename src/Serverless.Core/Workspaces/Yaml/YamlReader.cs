using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Serverless.Workspaces.Yaml;

/// <summary>
/// Reads one YAML document into nodes that know their place. Written over the event parser, so that a duplicate key is a problem beside the others and not the end.
/// </summary>
internal sealed class YamlReader
{
    // Far more than any workspace file needs; keeps a hostile file from exhausting the stack.
    private const int MaxDepth = 32;

    private readonly ProblemLog problems;
    private readonly string file;
    private readonly IParser parser;
    private readonly Dictionary<string, YamlNode> anchors = new(StringComparer.Ordinal);

    private YamlReader(string text, string file, ProblemLog problems)
    {
        this.problems = problems;
        this.file = file;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The document's top mapping, or null when there is none (the reason is in the log).</summary>
    public static YamlMap? Read(string text, string file, ProblemLog problems)
    {
        try
        {
            return new YamlReader(text, file, problems).Document();
        }
        catch (YamlException e)
        {
            // The end is where reading stopped; the start may be the beginning of a text of many lines.
            problems.Error(file, (int)e.End.Line, (int)e.End.Column, $"not valid YAML: {e.Message.TrimEnd('.')}. Indent with spaces, and quote text that holds ': ' or ' #'.");
            return null;
        }
    }

    private YamlMap? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            problems.Error(file, 1, 1, "the file is empty.");
            return null;
        }

        parser.Consume<DocumentStart>();
        var node = Node(0);
        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second))
        {
            problems.Error(file, (int)second.Start.Line, (int)second.Start.Column, "a second document ('---') in one file: use one file for each.");
        }

        switch (node)
        {
            case YamlMap map: return map;
            case YamlScalar { IsNull: true }: problems.Error(file, 1, 1, "the file is empty."); return null;
            default: problems.Error(file, node, "expected keys with values ('key: value') at the top of the file."); return null;
        }
    }

    private YamlNode Node(int depth)
    {
        if (depth > MaxDepth) throw new YamlException(parser.Current!.Start, parser.Current.End, $"nested deeper than {MaxDepth} levels");
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out var known) ? known
                : throw new YamlException(alias.Start, alias.Start, $"alias '*{alias.Value.Value}' has no anchor before it");
        }

        var start = parser.Accept<NodeEvent>(out var e) ? e : throw new YamlException(parser.Current!.Start, parser.Current.End, "expected a value");
        YamlNode node = start switch
        {
            Scalar => Leaf(parser.Consume<Scalar>()),
            SequenceStart => List(depth),
            _ => Map(depth),
        };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor.Value] = node;
        return node;
    }

    private static YamlScalar Leaf(Scalar s) => new(s.Value, s.Style == ScalarStyle.Plain, (int)s.Start.Line, (int)s.Start.Column);

    private YamlList List(int depth)
    {
        var start = parser.Consume<SequenceStart>();
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(depth + 1));
        return new YamlList(items, (int)start.Start.Line, (int)start.Start.Column);
    }

    private YamlMap Map(int depth)
    {
        var start = parser.Consume<MappingStart>();
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is not YamlScalar name) problems.Error(file, key, "a key must be a plain word.");
            else if (seen.TryGetValue(name.Text, out var first)) problems.Error(file, name, $"key '{name.Text}' is given twice (first on line {first.Line}).");
            else
            {
                seen.Add(name.Text, name);
                entries.Add(new YamlEntry(name, value));
            }
        }

        return new YamlMap(entries, (int)start.Start.Line, (int)start.Start.Column);
    }
}
