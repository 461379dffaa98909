using System.Globalization;
using Serverless.Problems;

namespace Serverless.Registry;

/// <summary>The champion that whoever decides has seen: if it is another one by now, nothing is changed. Of two who decide on the same sight, one succeeds.</summary>
/// <param name="Version">Null: that there is none yet.</param>
public readonly record struct ExpectedChampion(int? Version)
{
    /// <summary>As people write it: the number of a version, 0 for none.</summary>
    /// <exception cref="RequestException">Below 0.</exception>
    public static ExpectedChampion Of(int number) => number >= 0 ? new(number == 0 ? null : number)
        : throw new RequestException($"{number.ToString(CultureInfo.InvariantCulture)} is not the number of a version; expected the champion that you saw, 1 or more, or 0 when there was none.");

    internal void Require(string model, string alias, int? found, AuditEntry? move)
    {
        if (found != Version) throw new ChampionMovedException(model, alias, this, found, move);
    }
}

/// <summary>The champion is not the one that was expected. Nothing was changed.</summary>
public sealed class ChampionMovedException : RefusedException
{
    internal ChampionMovedException(string model, string alias, ExpectedChampion expected, int? found, AuditEntry? move) : base(Text(model, alias, expected, found, move)) => Found = found;

    /// <summary>The champion that is there; null = none.</summary>
    public int? Found { get; }

    private static string Text(string model, string alias, ExpectedChampion expected, int? found, AuditEntry? move)
    {
        static string Name(int? version) => version is { } v ? $"version {v.ToString(CultureInfo.InvariantCulture)}" : "none";
        var who = move is null ? "" : $": {move.Action} by {move.By} at {move.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}{(move.Comment.Length > 0 ? $" (\"{move.Comment}\")" : "")}";
        return $"the {alias} of model '{model}' is {Name(found)}, not {Name(expected.Version)} as expected{who}. Nothing was changed; look at it and decide again";
    }
}
