using System.Globalization;
using System.Text;

namespace Serverless.Web.Mlflow;

/// <summary>
/// A filter such as <c>metrics.auc > 0.7 AND params.trainer = 'lightgbm' AND tags."mlflow.user" LIKE '%ann%'</c>: comparisons joined by AND, as
/// mlflow/utils/search_utils.py has them. What an entity does not have fails every comparison but IS NULL.
/// </summary>
internal sealed class MlflowFilter
{
    private readonly List<Comparison> comparisons = [];

    private MlflowFilter()
    {
    }

    /// <param name="kinds">Kinds of keys that may be named (<c>metrics</c>, <c>params</c>, <c>tags</c>), each with its synonyms mapped to it; a key without a kind is an attribute.</param>
    /// <param name="attributes">Attributes by name, synonyms mapped to the one that <c>value</c> of <see cref="Matches"/> knows, and whether they are numbers.</param>
    /// <exception cref="MlflowException">It cannot be understood; the message says where.</exception>
    public static MlflowFilter Parse(string? text, IReadOnlyDictionary<string, string> kinds, IReadOnlyDictionary<string, MlflowAttribute> attributes)
    {
        var filter = new MlflowFilter();
        if (string.IsNullOrWhiteSpace(text)) return filter;
        var tokens = new Tokens(text);
        while (true)
        {
            filter.comparisons.Add(Read(tokens, kinds, attributes));
            if (tokens.Done) return filter;
            if (!tokens.TakeWord("AND")) throw tokens.Fault("expected AND between comparisons");
        }
    }

    /// <param name="value">The value of a key by kind and name: a double, a text, or null when there is none.</param>
    public bool Matches(Func<string, string, object?> value) => comparisons.TrueForAll(c => c.Holds(value(c.Kind, c.Key)));

    private static Comparison Read(Tokens tokens, IReadOnlyDictionary<string, string> kinds, IReadOnlyDictionary<string, MlflowAttribute> attributes)
    {
        var (kind, key) = Key(tokens, kinds, attributes);
        var numeric = kind == "metrics" || kind == MlflowAttribute.Kind && attributes[key].Numeric;
        if (kind == MlflowAttribute.Kind) key = attributes[key].Name;
        var op = tokens.Operator();
        switch (op)
        {
            case "IS NULL" or "IS NOT NULL": return new Comparison(kind, key, op, [], 0);
            case "IN" or "NOT IN":
                if (numeric) throw tokens.Fault($"{op} is for texts");
                return new Comparison(kind, key, op, tokens.List(), 0);
            case "LIKE" or "ILIKE" when numeric: throw tokens.Fault($"{op} is for texts");
            case ">" or ">=" or "<" or "<=" when !numeric: throw tokens.Fault($"{op} is for numbers; {kind}.{key} is a text");
        }

        if (!numeric) return new Comparison(kind, key, op, [tokens.Text()], 0);
        var number = tokens.Number();
        return new Comparison(kind, key, op, [], number);
    }

    /// <summary>Of a key as in filters and orders: <c>metrics.auc</c>, <c>attributes.start_time</c>, <c>name</c>.</summary>
    internal static (string Kind, string Key) Key(Tokens tokens, IReadOnlyDictionary<string, string> kinds, IReadOnlyDictionary<string, MlflowAttribute> attributes)
    {
        var first = tokens.Identifier();
        if (tokens.Take('.'))
        {
            if (first is "attribute" or "attributes" or "attr" or "run") return (MlflowAttribute.Kind, Attribute(tokens, tokens.Identifier(), attributes));
            if (!kinds.TryGetValue(first, out var kind)) throw tokens.Fault($"'{first}' is no kind of key; expected one of {string.Join(", ", kinds.Values.Distinct())}, attributes");
            return (kind, tokens.Rest());
        }

        return (MlflowAttribute.Kind, Attribute(tokens, first, attributes));
    }

    private static string Attribute(Tokens tokens, string name, IReadOnlyDictionary<string, MlflowAttribute> attributes) =>
        attributes.ContainsKey(name) ? name : throw tokens.Fault($"'{name}' is no attribute; expected one of {string.Join(", ", attributes.Keys)}");

    private sealed record Comparison(string Kind, string Key, string Op, IReadOnlyList<string> Texts, double Number)
    {
        public bool Holds(object? value) => (Op, value) switch
        {
            ("IS NULL", _) => value is null,
            ("IS NOT NULL", _) => value is not null,
            (_, null) => false,
            (_, double d) => Op switch { "=" => d == Number, "!=" => d != Number, ">" => d > Number, ">=" => d >= Number, "<" => d < Number, "<=" => d <= Number, _ => false },
            (_, string s) => Op switch
            {
                "=" => s == Texts[0],
                "!=" => s != Texts[0],
                "LIKE" => Like(s, Texts[0], StringComparison.Ordinal),
                "ILIKE" => Like(s, Texts[0], StringComparison.OrdinalIgnoreCase),
                "IN" => Texts.Contains(s),
                "NOT IN" => !Texts.Contains(s),
                _ => false,
            },
            _ => false,
        };

        // SQL's LIKE with % and _, in time linear in text times pattern.
        private static bool Like(string text, string pattern, StringComparison how)
        {
            int t = 0, p = 0, star = -1, mark = 0;
            while (t < text.Length)
            {
                if (p < pattern.Length && pattern[p] == '%') (star, mark, p) = (p, t, p + 1);
                else if (p < pattern.Length && (pattern[p] == '_' || text.AsSpan(t, 1).Equals(pattern.AsSpan(p, 1), how))) (t, p) = (t + 1, p + 1);
                else if (star >= 0) (p, t) = (star + 1, ++mark);
                else return false;
            }

            while (p < pattern.Length && pattern[p] == '%') p++;
            return p == pattern.Length;
        }
    }

    /// <summary>The text cut into words, quoted texts, numbers and signs.</summary>
    internal sealed class Tokens(string text)
    {
        private int at;

        public bool Done
        {
            get
            {
                Skip();
                return at >= text.Length;
            }
        }

        public MlflowException Fault(string what) => MlflowException.Invalid($"Invalid clause in '{text}' at position {at + 1}: {what}.");

        public bool Take(char sign)
        {
            Skip();
            if (at >= text.Length || text[at] != sign) return false;
            at++;
            return true;
        }

        public bool TakeWord(string word)
        {
            Skip();
            if (at + word.Length > text.Length || !text.AsSpan(at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
            if (at + word.Length < text.Length && (char.IsLetterOrDigit(text[at + word.Length]) || text[at + word.Length] == '_')) return false;
            at += word.Length;
            return true;
        }

        public string Identifier()
        {
            Skip();
            if (at < text.Length && text[at] is '`' or '"') return Quoted();
            var from = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-')) at++;
            return at > from ? text[from..at] : throw Fault("expected a key");
        }

        /// <summary>A name that may have dots: <c>mlflow.user</c>.</summary>
        public string Rest()
        {
            Skip();
            if (at < text.Length && text[at] is '`' or '"') return Quoted();
            var from = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-' or '.' or '/' or '@')) at++;
            return at > from ? text[from..at] : throw Fault("expected a key");
        }

        public string Operator()
        {
            Skip();
            foreach (var sign in new[] { ">=", "<=", "!=", "=", ">", "<" })
            {
                if (at + sign.Length > text.Length || string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0) continue;
                at += sign.Length;
                return sign;
            }

            if (TakeWord("LIKE")) return "LIKE";
            if (TakeWord("ILIKE")) return "ILIKE";
            if (TakeWord("IN")) return "IN";
            if (TakeWord("NOT") && TakeWord("IN")) return "NOT IN";
            if (TakeWord("IS")) return TakeWord("NOT") ? TakeWord("NULL") ? "IS NOT NULL" : throw Fault("expected NULL") : TakeWord("NULL") ? "IS NULL" : throw Fault("expected NULL or NOT NULL");
            throw Fault("expected one of =, !=, >, >=, <, <=, LIKE, ILIKE, IN, NOT IN, IS NULL, IS NOT NULL");
        }

        public string Text()
        {
            Skip();
            return at < text.Length && text[at] is '\'' or '"' ? Quoted() : throw Fault("expected a text in quotes");
        }

        public double Number()
        {
            Skip();
            var from = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '.' or '-' or '+')) at++;
            return double.TryParse(text.AsSpan(from, at - from), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Fault("expected a number");
        }

        public List<string> List()
        {
            if (!Take('(')) throw Fault("expected a list in brackets");
            var items = new List<string> { Text() };
            while (Take(',')) items.Add(Text());
            return Take(')') ? items : throw Fault("expected ')'");
        }

        private string Quoted()
        {
            var quote = text[at++];
            var found = new StringBuilder();
            while (at < text.Length)
            {
                if (text[at] != quote) found.Append(text[at++]);
                else if (at + 1 < text.Length && text[at + 1] == quote)
                {
                    found.Append(quote);
                    at += 2;
                }
                else
                {
                    at++;
                    return found.ToString();
                }
            }

            throw Fault($"a text that begins with {quote} does not end");
        }

        private void Skip()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }
    }
}

/// <param name="Name">What a synonym stands for.</param>
internal sealed record MlflowAttribute(string Name, bool Numeric = false)
{
    public const string Kind = "attributes";
}
