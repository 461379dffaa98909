using System.Text.RegularExpressions;
using Serverless.Problems;

namespace Serverless.Features;

/// <summary>
/// The own functions of this process. They are code, and as code they belong to the process, not to one workspace in it: a host adds them before it loads models, a workspace
/// names the assemblies that hold them.
/// </summary>
public static partial class FeatureFunctions
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Type, string> Words = new()
    {
        [typeof(long)] = "integer", [typeof(int)] = "integer", [typeof(double)] = "number", [typeof(bool)] = "boolean", [typeof(string)] = "text", [typeof(DateTime)] = "timestamp",
    };

    private static IReadOnlyDictionary<FunctionVersion, Added> all = new Dictionary<FunctionVersion, Added>();

    /// <summary>The highest version of each name.</summary>
    internal static FunctionSet Newest { get; private set; } = new([]);

    /// <summary>Adds a function. The same one a second time changes nothing.</summary>
    /// <exception cref="ConfigurationException">Its name, version or types are not allowed, or another function has the same name and version.</exception>
    public static void Add(IFeatureFunction function)
    {
        if (Wrong(function) is { } wrong) throw new ConfigurationException([new Problem($"function '{function.Name}' ({function.GetType().FullName}): {wrong}")]);
        lock (Gate)
        {
            var key = new FunctionVersion(function.Name, function.Version);
            if (all.TryGetValue(key, out var there))
            {
                if (there.By == function.GetType().FullName) return;
                throw new ConfigurationException([new Problem($"function '{function.Name}' version {function.Version} is defined twice, by {there.By} and by {function.GetType().FullName}")]);
            }

            var next = new Dictionary<FunctionVersion, Added>(all) { [key] = new Added(function) };
            (all, Newest) = (next, new FunctionSet(next.Values.GroupBy(f => f.Name, StringComparer.Ordinal).Select(g => g.MaxBy(f => f.Version)!)));
        }
    }

    /// <summary>The functions that a stored model was trained with.</summary>
    /// <exception cref="DataException">One is not in this process: without it the model's features cannot be computed.</exception>
    internal static FunctionSet Of(IReadOnlyList<FunctionVersion> wanted)
    {
        if (wanted.Count == 0) return Empty;
        var known = all;
        foreach (var function in wanted.Where(f => !known.ContainsKey(f)))
        {
            int[] versions = [.. known.Keys.Where(k => k.Name == function.Name).Select(k => k.Version).Order()];
            throw new DataException($"the model calls the function '{function.Name}' version {function.Version}, which this program does not have"
                + (versions.Length > 0 ? $" (it has version {string.Join(", ", versions)})" : "") + "; name the assembly that holds it under 'functions' in serverless.yaml, or add it in the host, or train the model again");
        }

        return new FunctionSet(wanted.Select(f => known[f]));
    }

    internal static string Word(Type type) => Words.GetValueOrDefault(type, type.Name);

    private static FunctionSet Empty { get; } = new([]);

    private static string? Wrong(IFeatureFunction function)
    {
        if (!Identifier().IsMatch(function.Name)) return "a name has letters, digits and _, at most 64, and begins with a letter";
        if (function.Version < 1) return $"its version is {function.Version}; versions count from 1";
        var invoke = function.Function.GetType().GetMethod("Invoke")!;
        return invoke.GetParameters().Select(p => p.ParameterType).Append(invoke.ReturnType).FirstOrDefault(t => !Words.ContainsKey(t)) is not { } type ? null
            : $"it takes or gives a {type.Name}; allowed are long, int, double, bool, string and DateTime";
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,63}$")]
    private static partial Regex Identifier();

    // The delegate is taken once: a property may make a new one at every call, and it is known by its identity.
    private sealed class Added(IFeatureFunction function) : IFeatureFunction
    {
        public string? By { get; } = function.GetType().FullName;

        public string Name { get; } = function.Name;

        public int Version { get; } = function.Version;

        public Delegate Function { get; } = function.Function;
    }
}
