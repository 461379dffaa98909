using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Datasets;

namespace Serverless.FeatureViews;

/// <summary>What of a view decides about its values: two views of equal terms over the same data have equal values. Kept with each version that learned from them.</summary>
public sealed record ViewTerms
{
    public required string Dataset { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public required string Time { get; init; }

    public string? Created { get; init; }

    public TimeSpan KnownAfter { get; init; }

    public TimeSpan? Ttl { get; init; }

    public string? Sql { get; init; }

    public required IReadOnlyList<FeatureTerms> Features { get; init; }

    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, ServerlessJson.Options)))[..16];

    public static ViewTerms Of(ViewDefinition view) => new()
    {
        Dataset = view.Dataset, Keys = view.Keys, Time = view.Time, Created = view.Created, KnownAfter = view.KnownAfter, Ttl = view.Ttl, Sql = view.Sql?.Text,
        Features = [.. view.Features.Select(f => new FeatureTerms(f.Name, f.Type, f.Aggregate, f.Column, f.Condition?.Text, f.Over))],
    };

    /// <summary>What is different in another view of the same name, in words; empty when their values are the same.</summary>
    public IReadOnlyList<string> Differences(ViewTerms other)
    {
        var all = new List<string>();
        void Say<T>(string what, T mine, T theirs)
        {
            if (!EqualityComparer<T>.Default.Equals(mine, theirs)) all.Add($"{what} was {mine?.ToString() ?? "none"}, is {theirs?.ToString() ?? "none"}");
        }

        Say("dataset", Dataset, other.Dataset);
        Say("keys", string.Join(", ", Keys), string.Join(", ", other.Keys));
        Say("time", Time, other.Time);
        Say("created", Created, other.Created);
        Say("knownAfter", KnownAfter, other.KnownAfter);
        Say("ttl", Ttl, other.Ttl);
        if (Sql != other.Sql) all.Add("its SQL is another");
        foreach (var feature in Features)
        {
            var now = other.Features.FirstOrDefault(f => f.Name == feature.Name);
            if (now is null) all.Add($"feature {feature.Name} is gone");
            else if (now != feature) all.Add($"feature {feature.Name} was {feature.Words}, is {now.Words}");
        }

        // A feature more changes nothing for a model that does not read it.
        return all;
    }
}

/// <summary>One feature of a view, as far as its values go.</summary>
public sealed record FeatureTerms(string Name, ColumnType Type, AggregateFunction? Aggregate, string? Column, string? Condition, TimeSpan? Over)
{
    [JsonIgnore]
    public string Words => (Aggregate is { } a ? $"{a.ToString().ToLowerInvariant()}({Condition ?? Column ?? "rows"}){(Over is { } over ? $" over {over}" : "")}" : "of the SQL") + $", {Type.ToString().ToLowerInvariant()}";
}
