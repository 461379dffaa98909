using System.Globalization;
using Serverless.Models;

namespace Serverless.Rollouts;

/// <summary>Variants of an experiment as its model file divides them.</summary>
internal static class Splits
{
    public static IReadOnlyList<RolloutVariant> Of(RolloutDefinition terms, int champion, int challenger)
    {
        if (terms.Split.Count == 0) return [new(RolloutVariant.Challenger, challenger, 50), new(RolloutVariant.Champion, champion, 50)];
        return [.. terms.Split.Select(p => new RolloutVariant(p.Variant, p.Variant switch
        {
            RolloutVariant.Champion => champion, RolloutVariant.Challenger => challenger, _ => int.Parse(p.Variant, NumberStyles.None, CultureInfo.InvariantCulture),
        }, p.Percent))];
    }
}
