using System.Globalization;

namespace Serverless.Search;

/// <summary>
/// Which trial comes next. The first is the model file's own settings on all rows; then, as soon as one of <see cref="SuccessiveHalving.Factor"/> on a rung stands out, it goes on to the next
/// rung, and else a new configuration begins on the first (L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020, algorithm 2), no more than that share of a rung. Nothing is drawn that
/// does not follow from the plan, the trials before and what all but the last <see cref="SearchPlan.Parallel"/> of them found: the order in which workers finish does not matter.
/// </summary>
internal sealed class TrialOrder(SearchPlan plan, ISampler sampler)
{
    private const int Draws = 64;
    private const int Stride = 1_000_003;

    /// <param name="trials">All trials so far, in the order of their numbers.</param>
    public NextTrial Next(IReadOnlyList<OrderedTrial> trials)
    {
        var number = trials.Count;
        if (number == plan.Trials) return NextTrial.None;
        if (number == 0) return new NextTrial(new ProposedTrial(plan.Own, plan.Halving.Rungs - 1, null) { Own = true }, false);
        var settled = Math.Max(0, number - plan.Parallel + 1);
        if (trials.Take(settled).Any(t => !t.Ended)) return NextTrial.Wait;
        OrderedTrial[] seen = [.. trials.Take(settled)];
        if ((Promoted(seen, trials, plan.Trials - number < plan.Halving.Rungs) ?? Fresh(seen, trials)) is { } next) return new NextTrial(next, false);

        // Everything was proposed. What is left of the budget goes to the best that all rows have not judged yet.
        if (trials.Any(t => !t.Ended)) return NextTrial.Wait;
        return Promoted(trials, trials, true) is { } last ? new NextTrial(last, false) : NextTrial.None with { Exhausted = true };
    }

    /// <param name="ending">The last trials are too few for anything new to be judged on all rows: they go to the best of the highest rung, whatever its share.</param>
    private ProposedTrial? Promoted(IReadOnlyList<OrderedTrial> seen, IReadOnlyList<OrderedTrial> all, bool ending)
    {
        var gone = all.Where(t => t.From is not null).Select(t => t.From!.Value).ToHashSet();
        for (var rung = plan.Halving.Rungs - 2; rung >= 0; rung--)
        {
            (int Number, double? Loss)[] there = [.. seen.Where(t => t.Rung == rung).Select(t => (t.Number, t.Loss))];
            // Those who went on too early keep their places; without that, rungs above would fill with them.
            if (!ending && there.Count(t => gone.Contains(t.Number)) >= there.Length / plan.Halving.Factor) continue;
            foreach (var number in ending ? SuccessiveHalving.Ranked(there) : plan.Halving.Promoted(there))
            {
                if (!gone.Contains(number)) return new ProposedTrial(all[number].Configuration, rung + 1, number);
            }
        }

        return null;
    }

    // Samplers learn from the first rung, where every configuration stands before the same rows.
    private ProposedTrial? Fresh(IReadOnlyList<OrderedTrial> seen, IReadOnlyList<OrderedTrial> all)
    {
        var observations = seen.Where(t => t.Rung == 0 && (!t.Own || plan.OwnInSpace)).Select(t => new Observation(t.Configuration, t.Loss)).ToList();
        var tried = all.Where(t => !t.Own || plan.OwnInSpace).Select(t => Key(t.Configuration)).ToHashSet(StringComparer.Ordinal);
        var index = all.Count(t => t is { Own: false, From: null });
        for (var draw = 0; draw < Draws; draw++)
        {
            var proposed = Rounded(sampler.Next(plan.Space, observations, index + (draw * Stride), plan.Seed));
            if (!tried.Contains(Key(proposed))) return new ProposedTrial(proposed, 0, null);
        }

        return null;
    }

    /// <summary>Four significant digits: what a person would write into the file, and no model is worse for it.</summary>
    private Configuration Rounded(Configuration drawn)
    {
        var space = plan.Space.Trainers.First(t => t.Trainer == drawn.Trainer);
        return drawn with
        {
            Values = space.Dimensions.ToDictionary(d => d.Name, d => d is NumberDimension { Integer: false } number
                ? Math.Clamp(double.Parse(drawn.Values[d.Name].ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), number.Min, number.Max) : drawn.Values[d.Name]),
        };
    }

    private static string Key(Configuration configuration) =>
        $"{configuration.Trainer} {string.Join(' ', configuration.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value.ToString("R", CultureInfo.InvariantCulture)}"))}";
}

/// <summary>A trial as the order sees it.</summary>
/// <param name="Number">From 0.</param>
/// <param name="From">The trial of the rung below that it goes on from.</param>
/// <param name="Loss">Null = not ended, or failed.</param>
internal sealed record OrderedTrial(int Number, Configuration Configuration, int Rung, int? From, bool Own, bool Ended, double? Loss);

internal sealed record ProposedTrial(Configuration Configuration, int Rung, int? From)
{
    /// <summary>The model file's own settings.</summary>
    public bool Own { get; init; }
}

/// <param name="Trial">Null = none now.</param>
/// <param name="Waits">One will come when trials have ended.</param>
internal sealed record NextTrial(ProposedTrial? Trial, bool Waits)
{
    public static NextTrial None { get; } = new(null, false);

    public static NextTrial Wait { get; } = new(null, true);

    /// <summary>There is budget left and nothing to spend it on.</summary>
    public bool Exhausted { get; init; }
}
