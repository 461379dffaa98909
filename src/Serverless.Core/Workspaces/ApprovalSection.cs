using Serverless.Models;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>The key <c>approval</c> of a model file: a word, or a mapping with the terms of a person's approval.</summary>
internal static class ApprovalSection
{
    public static (ApprovalKind Kind, ApprovalTerms Terms) Read(Section parent, ProblemLog problems)
    {
        switch (parent.Node("approval"))
        {
            case null: return (ApprovalKind.Auto, new ApprovalTerms());
            case YamlScalar word: return (parent.Choice<ApprovalKind>("approval", word) ?? ApprovalKind.Auto, new ApprovalTerms());
            case YamlMap map: return Terms(new Section(map, "approval", parent.File, problems));
            case { } other:
                parent.Error(other, "'approval' must be 'auto', 'human' or a mapping, such as '{ by: human, expires: 7d }'.");
                return (ApprovalKind.Auto, new ApprovalTerms());
        }
    }

    private static (ApprovalKind, ApprovalTerms) Terms(Section s)
    {
        if (s.Node("by") is null) s.Missing("by", $"one of {Section.Choices<ApprovalKind>()}");
        var by = s.Choice<ApprovalKind>("by") ?? ApprovalKind.Auto;
        TimeSpan? expires = s.Duration("expires"), remind = s.Duration("remind");
        if (remind >= expires) s.Error(s.At("remind"), "'remind' must be shorter than 'expires', else nobody is reminded in time.");
        if (by == ApprovalKind.Auto && s.Map.Entries.FirstOrDefault(e => e.Key.Text != "by") is { } other)
        {
            s.Error(other.Key, $"'{other.Key.Text}' is about a person's approval; with 'by: auto' nobody is asked.");
        }

        return (by, new ApprovalTerms { Expires = expires, Remind = remind, SecondPerson = s.Flag("secondPerson") });
    }
}
