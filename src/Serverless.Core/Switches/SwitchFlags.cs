using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Problems;
using Serverless.Rollouts;

namespace Serverless.Switches;

/// <summary>What a switch's flag says.</summary>
/// <param name="State">Conditional: it hangs on the flag's conditions, such as a time window or the model's name.</param>
/// <param name="By">Who moved it last by a command; null where nobody did.</param>
public sealed record SwitchLine(string Part, string Flag, SwitchState State, string WhenOff, string? By, DateTimeOffset? At);

public enum SwitchState { On, Off, Conditional }

/// <summary>Shows and moves the flags behind switches, wherever flags are kept. Serving follows within seconds.</summary>
public sealed class SwitchFlags(IFlagStore flags, TimeProvider time)
{
    private const string ByKey = "by", AtKey = "at";

    public async Task<IReadOnlyList<SwitchLine>> ListAsync(CancellationToken cancel = default)
    {
        var all = (await flags.ReadAsync(null, cancel).ConfigureAwait(false))!.Flags;
        return [.. SwitchedParts.All.Select(p => Line(p.Name, p.WhenOff, all.GetValueOrDefault(SwitchedParts.FlagOf(p.Name))))];
    }

    /// <summary>Conditions that somebody gave the flag stay; when off they do not count.</summary>
    /// <exception cref="RequestException">There is no such part.</exception>
    public async Task<SwitchLine> MoveAsync(string part, bool on, string by, CancellationToken cancel = default)
    {
        if (SwitchedParts.All.FirstOrDefault(p => p.Name == part) is not { Name: not null } known)
        {
            throw new RequestException($"nothing is switched by '{part}'{Suggest.Ending(part, SwitchedParts.All.Select(p => p.Name))}");
        }

        var id = SwitchedParts.FlagOf(part);
        JsonObject? moved = null;
        await flags.UpdateAsync(id, there =>
        {
            moved = (JsonObject?)there?.DeepClone() ?? new JsonObject { ["id"] = id, ["description"] = $"When off: {known.WhenOff}." };
            moved["enabled"] = on;
            moved["telemetry"] = new JsonObject
            {
                ["enabled"] = false,
                ["metadata"] = new JsonObject { [ByKey] = by, [AtKey] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) },
            };
            return moved;
        }, cancel).ConfigureAwait(false);
        return Line(part, known.WhenOff, moved);
    }

    private static SwitchLine Line(string part, string whenOff, JsonObject? flag)
    {
        var metadata = flag?["telemetry"]?["metadata"] as JsonObject;
        var state = flag is null ? SwitchState.On : (bool?)flag["enabled"] != true ? SwitchState.Off : flag["conditions"]?["client_filters"] is JsonArray { Count: > 0 } ? SwitchState.Conditional : SwitchState.On;
        return new SwitchLine(part, SwitchedParts.FlagOf(part), state, whenOff, (string?)metadata?[ByKey],
            DateTimeOffset.TryParse((string?)metadata?[AtKey], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null);
    }
}
