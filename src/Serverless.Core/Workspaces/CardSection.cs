using Serverless.Models;

namespace Serverless.Workspaces;

/// <summary><c>card:</c> of a model file: what goes into the model card besides facts.</summary>
internal static class CardSection
{
    public static CardDefinition? Read(Section parent, ProblemLog problems)
    {
        if (parent.MapOf("card", "a mapping, such as '{ owner: Operations, intendedUse: ... }'") is not { } map) return null;
        var s = new Section(map, "card", parent.File, problems);
        return new CardDefinition
        {
            Owner = s.Text("owner"), Contact = s.Text("contact"), IntendedUse = s.Text("intendedUse"), OutOfScope = s.Text("outOfScope"), Licence = s.Text("licence"),
            Limits = s.Texts("limits", "a list of sentences") ?? [],
        };
    }
}
