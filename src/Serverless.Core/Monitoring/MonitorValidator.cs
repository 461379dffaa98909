using Serverless.Drift;
using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Monitoring;

/// <summary>What the loader cannot judge in the section <c>monitor</c>: names of methods and columns.</summary>
internal sealed class MonitorValidator(IDriftCatalogue catalogue) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace)
    {
        foreach (var model in workspace.Models.Values.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (model.Monitor is not { } monitor) continue;
            if (monitor.Method is { } method && !catalogue.Names.Contains(method.Text))
            {
                yield return new Problem($"there is no drift method '{method.Text}'.{Suggest.Hint(method.Text, catalogue.Names)}", model.File, method.Line, method.Column);
            }

            var isPValue = catalogue.Column(monitor.Method?.Text ?? DriftSettings.Auto)?.Scale == DriftScale.PValue || monitor.Method?.Text == "mmd";
            if (monitor.Threshold is { } threshold && (threshold <= 0 || (isPValue && threshold >= 1)))
            {
                yield return new Problem(isPValue ? $"monitor: the threshold of '{monitor.Method!.Text}' is a p-value between 0 and 1." : "monitor: a threshold is a number above 0.", model.File, monitor.Line);
            }

            if (monitor.Columns is null || !workspace.Datasets.TryGetValue(model.Dataset, out var dataset)) continue;
            var known = dataset.Columns.Select(c => c.Name).ToArray();
            foreach (var name in monitor.Columns.Items.Where(c => !known.Contains(c)))
            {
                yield return new Problem($"monitor: dataset '{dataset.Name}' has no column '{name}'.{Suggest.Hint(name, known)}", model.File, monitor.Columns.Line, monitor.Columns.Column);
            }
        }
    }
}
