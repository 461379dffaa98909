using System.Collections.Frozen;
using Serverless.Problems;

namespace Serverless.Explanations;

/// <summary>The methods that this process knows, by name.</summary>
internal sealed class ExplanationCatalogue(IEnumerable<IExplanationMethod> methods)
{
    public const string Auto = "auto";

    private readonly FrozenDictionary<string, IExplanationMethod> byName = methods.ToFrozenDictionary(m => m.Name, StringComparer.Ordinal);

    public IReadOnlyList<string> Names => [Auto, .. byName.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="RequestException">The name is not known, or the method cannot explain this model; the message says why.</exception>
    public IExplanationMethod Find(string name, ExplanationSetup setup)
    {
        if (name != Auto)
        {
            if (!byName.TryGetValue(name, out var method)) throw new RequestException($"method '{name}' is not known.{Suggest.Hint(name, Names)} Methods: {string.Join(", ", Names)}.");
            return method.Obstacle(setup) is not { } obstacle ? method
                : throw new RequestException($"method '{name}' cannot explain model '{setup.Pipeline.Model}' version {setup.Pipeline.Version}: {obstacle}.");
        }

        var best = byName.Values.Where(m => m.Rank(setup) is not null && m.Obstacle(setup) is null).MinBy(m => m.Rank(setup));
        return best ?? throw new DataException($"model '{setup.Pipeline.Model}' version {setup.Pipeline.Version} cannot be explained: {setup.NeedsBackground() ?? "no method knows its kind of predictor"}.");
    }
}
