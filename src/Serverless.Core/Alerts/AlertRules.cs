
namespace Serverless.Alerts;

/// <summary>Which rule takes a signal.</summary>
internal static class AlertRules
{
    /// <summary>The first rule whose kind, subject and name fit; null when none does, when it is mute, or when a bad signal matters less than the rule asks.</summary>
    public static AlertRule? For(AlertSettings settings, Signal signal) =>
        settings.Rules.FirstOrDefault(r => Takes(r, signal)) is { Mute: false } rule && (!signal.Bad || signal.Severity >= rule.AtLeast) ? rule : null;

    /// <summary>By name; for an alert whose rule is no longer written, a rule that repeats nothing: it can still end.</summary>
    public static AlertRule Named(AlertSettings settings, string name) => settings.Rules.FirstOrDefault(r => r.Name == name) ?? AlertRule.BuiltIn with { Name = name };

    public static bool Takes(AlertRule rule, Signal signal) =>
        (rule.Kinds.Count == 0 || rule.Kinds.Contains(signal.Kind))
        && (rule.Subjects.Count == 0 || rule.Subjects.Any(g => Fits(g, signal.Subject)))
        && (rule.Signals.Count == 0 || rule.Signals.Any(g => Fits(g, signal.Name)));

    /// <summary><c>*</c> stands for any characters, <c>?</c> for one; everything else for itself. Linear in the product of the lengths, whatever the pattern.</summary>
    public static bool Fits(ReadOnlySpan<char> glob, ReadOnlySpan<char> text)
    {
        int g = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (g < glob.Length && glob[g] == '*') (star, mark) = (g++, t);
            else if (g < glob.Length && (glob[g] == '?' || glob[g] == text[t])) (g, t) = (g + 1, t + 1);
            else if (star >= 0) (g, t) = (star + 1, ++mark);
            else return false;
        }

        while (g < glob.Length && glob[g] == '*') g++;
        return g == glob.Length;
    }
}
