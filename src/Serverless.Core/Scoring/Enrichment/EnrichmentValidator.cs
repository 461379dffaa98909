using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Scoring.Enrichment;

/// <summary>Columns of <c>enrich</c> exist, are not their own key, and their fallbacks are values of their types.</summary>
internal sealed class EnrichmentValidator : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace)
    {
        foreach (var model in workspace.Models.Values)
        {
            if (model.Enrich is not { } terms || !workspace.Datasets.TryGetValue(model.Dataset, out var dataset)) continue;
            var known = dataset.Columns.Select(c => c.Name).ToArray();
            var keys = new UrlTemplate(terms.Url).Columns;
            foreach (var key in keys.Where(k => !known.Contains(k)))
                yield return new Problem($"enrich: the url names the column '{key}', which '{dataset.Name}' does not have.{Suggest.Hint(key, known)}", model.File, terms.Line, terms.Column);
            foreach (var column in terms.Columns)
            {
                if (dataset.Columns.FirstOrDefault(c => c.Name == column.Name) is not { } contracted)
                    yield return new Problem($"enrich: '{dataset.Name}' has no column '{column.Name}'.{Suggest.Hint(column.Name, known)}", model.File, column.Line, column.Column);
                else if (keys.Contains(column.Name))
                    yield return new Problem($"enrich: '{column.Name}' cannot be looked up by itself: it stands in the url.", model.File, column.Line, column.Column);
                else if (column.Fallback is { } text && !RowEnrichment.Set(RowEnrichment.Json(text, contracted.Type), new RawColumn(column.Name, contracted.Type, false), 0, new RawRow(1)))
                    yield return new Problem($"enrich: the fallback of '{column.Name}' must be of the type {contracted.Type.ToString().ToLowerInvariant()}, not '{text}'.", model.File, column.Line, column.Column);
            }
        }
    }
}
