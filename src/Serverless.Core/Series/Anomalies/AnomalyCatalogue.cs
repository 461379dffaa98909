using System.Collections.Frozen;
using Serverless.Datasets;
using Serverless.Problems;

namespace Serverless.Series.Anomalies;

/// <summary>The anomaly strategies that exist, by name.</summary>
internal sealed class AnomalyCatalogue(IEnumerable<IAnomalyStrategy> strategies)
{
    private readonly FrozenDictionary<string, IAnomalyStrategy> byName = strategies.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Names => byName.Keys;

    public IAnomalyStrategy Find(string name) => byName.TryGetValue(name, out var strategy) ? strategy
        : throw new RequestException($"unknown anomaly strategy '{name}'.{Suggest.Hint(name, Names)}");

    public StrategySettings Settings(AnomalyDefinition rule, PartitionGrain grain) =>
        new(Find(rule.Strategy.Text), rule.Parameters.ToDictionary(p => p.Key, p => p.Value.Text), grain);

    /// <summary>Everything that is wrong with strategy and parameters of a rule, each with its place.</summary>
    public IEnumerable<(string Message, Parameter At)> Problems(AnomalyDefinition rule, PartitionGrain grain)
    {
        var name = rule.Strategy.Text;
        if (!byName.TryGetValue(name, out var strategy))
        {
            yield return ($"unknown anomaly strategy '{name}'.{Suggest.Hint(name, Names)}", rule.Strategy);
            yield break;
        }

        var bad = false;
        foreach (var (key, value) in rule.Parameters)
        {
            var parameter = strategy.Parameters.FirstOrDefault(p => p.Name == key);
            var problem = parameter is null ? $"strategy '{name}' has no parameter '{key}'.{Suggest.Hint(key, strategy.Parameters.Select(p => p.Name))}"
                : parameter.Problem(value) is { } wrong ? $"strategy '{name}': {wrong}" : null;
            if (problem is null) continue;
            bad = true;
            yield return (problem, value);
        }

        if (bad) yield break;
        foreach (var problem in strategy.Problems(Settings(rule, grain))) yield return ($"strategy '{name}' {problem}", rule.Strategy);
    }
}
