using Serverless.Models;

namespace Serverless.Workspaces;

/// <summary>Makes a definition of its own for each segment of a model, by which it is trained, judged and registered like any other.</summary>
internal static class SegmentModels
{
    public static void Expand(SortedDictionary<string, ModelDefinition> models, ProblemLog problems)
    {
        foreach (var model in models.Values.Where(m => m.Segments is not null).ToArray())
        {
            if (model.Rollout.Kind != RolloutKind.None) problems.Error(model.File, model.Rollout.Line, 1, "'rollout' and 'segments' do not go together: a rollout is between two versions, and a model with segments has one for each. Use 'rollout: none'.");
            var parts = model.Segments!.Parts;
            for (var i = 0; i < parts.Count; i++)
            {
                var name = SegmentsDefinition.NameOf(model.Name, parts[i].Name);
                if (models.TryGetValue(name, out var other))
                {
                    problems.Error(model.File, parts[i].When.Line, parts[i].When.Column, $"segment '{parts[i].Name}' would be registered as '{name}', which is the model of {other.File}; rename one.");
                    continue;
                }

                // What is compared with the data as a whole is not for a part of them.
                models.Add(name, model with { Name = name, Segments = null, Segment = new SegmentOf(model.Name, parts[i], [.. parts.Take(i)]), Rollout = new RolloutDefinition(), Monitor = null, Retrain = model.Retrain with { OnDrift = false } });
            }
        }
    }
}
