using System.Globalization;
using Serverless.Models;
using Serverless.Scoring.Enrichment;
using Serverless.Secrets;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The section <c>enrich</c> of a model file. Which columns exist and what they hold is judged by <see cref="EnrichmentValidator"/>.</summary>
internal static class EnrichSection
{
    public static EnrichmentDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("enrich", "a mapping, such as '{ url: \"https://weather.example/{origin}\", columns: { wind: current.wind } }'") is not { } map) return null;
        var s = new Section(map, "enrich", parent.File, problems);
        var before = s.Errors;
        var standard = new EnrichmentDefinition { Url = "", Columns = [] };
        var url = Url(s);
        var fallback = Map(s, "fallback", "a mapping from columns to values, such as '{ wind: 3.2 }'");
        var columns = new List<EnrichedColumn>();
        foreach (var (name, path) in Map(s, "columns", "a mapping from columns to places in the answer, such as '{ wind: current.wind }'"))
        {
            if (!JsonPlace.IsPlace(path.Text)) s.Error(path, $"'{path.Text}' is no place in an answer: names with dots between them, and [n] for the n-th of a list, such as current.wind or days[0].wind.");
            var other = fallback.FirstOrDefault(f => f.Key.Text == name.Text).Value;
            columns.Add(new EnrichedColumn(name.Text, path.Text, other?.Text, name.Line, name.Column));
        }

        foreach (var (name, _) in fallback.Where(f => columns.All(c => c.Name != f.Key.Text)))
            s.Error(name, $"'{name.Text}' has a fallback, but is not among 'columns'.{Problems.Suggest.Hint(name.Text, columns.Select(c => c.Name))}");
        if (s.Node("columns") is null || (columns.Count == 0 && s.Errors == before)) s.Missing("columns", "a mapping from columns to places in the answer, such as '{ wind: current.wind }'");
        var headers = new Dictionary<string, SecretText>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Map(s, "headers", "a mapping from names to texts, such as '{ authorization: Bearer env:WEATHER_KEY }'")) headers[name.Text] = SecretText.Parse(value.Text);
        var definition = new EnrichmentDefinition
        {
            Url = url ?? "", Columns = columns, Headers = headers,
            Timeout = s.Number("timeout", 0.01, 30) is { } seconds ? TimeSpan.FromSeconds(seconds) : standard.Timeout,
            Ttl = s.Duration("ttl", zero: true) ?? standard.Ttl,
            Retries = Whole(s, "retries", 0, 5) ?? standard.Retries, Concurrency = Whole(s, "concurrency", 1, 256) ?? standard.Concurrency,
            Breaker = Breaker(s, problems), Line = map.Line, Column = map.Column,
        };
        return s.Errors == before ? definition : null;
    }

    private static string? Url(Section s)
    {
        if (s.Scalar("url", "an address") is not { } url)
        {
            if (s.Node("url") is null) s.Missing("url", "an address such as https://weather.example/stations/{origin}");
            return null;
        }

        if (UrlTemplate.Problem(url.Text) is not { } problem) return url.Text;
        s.Error(url, problem);
        return null;
    }

    private static BreakerDefinition Breaker(Section parent, ProblemLog problems)
    {
        var standard = new BreakerDefinition();
        if (parent.MapOf("breaker", "a mapping, such as '{ share: 0.5, calls: 10, window: 30s, pause: 15s }'") is not { } map) return standard;
        var s = new Section(map, "breaker", parent.File, problems);
        return new BreakerDefinition
        {
            Share = s.Number("share", 0.01, 1) ?? standard.Share, Calls = Whole(s, "calls", 2, 100_000) ?? standard.Calls,
            Window = s.Duration("window") ?? standard.Window, Pause = s.Duration("pause") ?? standard.Pause,
        };
    }

    private static List<KeyValuePair<YamlScalar, YamlScalar>> Map(Section s, string key, string expected)
    {
        var found = new List<KeyValuePair<YamlScalar, YamlScalar>>();
        foreach (var (name, value) in s.MapOf(key, expected)?.Entries ?? [])
        {
            if (value is YamlScalar scalar) found.Add(new(name, scalar));
            else s.Error(value, $"'{key}' must be {expected}.");
        }

        return found;
    }

    private static int? Whole(Section s, string key, int min, int max)
    {
        if (s.Number(key, min, max) is not { } value) return null;
        if (value == Math.Floor(value)) return (int)value;
        s.Error(s.At(key), string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a whole number, not {value}."));
        return null;
    }
}
