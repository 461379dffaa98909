using Serverless.Features;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Segments;

/// <summary>What the loader cannot judge in the section <c>segments</c>: the conditions.</summary>
internal sealed class SegmentValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace)
    {
        foreach (var model in workspace.Models.Values.Where(m => m.Segments is not null && workspace.Datasets.ContainsKey(m.Dataset)))
        {
            var schema = FeatureCompiler.SchemaOf(workspace.Datasets[model.Dataset]);
            foreach (var part in model.Segments!.Parts)
            {
                ValueReader? when = null;
                IReadOnlyList<Problem> problems = [];
                try
                {
                    when = FeatureCompiler.Compile(part.When, schema, $"segment '{part.Name}'", model.File);
                }
                catch (ConfigurationException e)
                {
                    problems = e.Problems;
                }

                foreach (var problem in problems) yield return problem;
                if (when is not null && when.Kind != ValueKind.Boolean)
                {
                    yield return new Problem($"segment '{part.Name}': '{part.When.Text}' gives {FeatureCompiler.Word(when.Kind)}; a condition gives a boolean, such as '{part.When.Text} > 0'", model.File, part.When.Line, part.When.Column);
                }
            }
        }
    }
}
