using Serverless.Datasets;
using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Workspaces;

/// <summary>Views meet their datasets, and models what they look up. What does not exist is named with its place.</summary>
internal static class ViewLinks
{
    public static void Resolve(SortedDictionary<string, ViewDefinition> views, SortedDictionary<string, DatasetDefinition> datasets, SortedDictionary<string, ModelDefinition> models,
        IReadOnlyCollection<string> namedDatasets, IReadOnlyCollection<string> namedViews, ProblemLog problems)
    {
        foreach (var view in views.Values.ToArray())
        {
            if (!datasets.TryGetValue(view.Dataset, out var dataset))
            {
                if (namedViews.Contains(view.Dataset)) Problem(problems, view, "dataset", $"'{view.Dataset}' is a view; a view is made of a dataset, so views do not build on views. Repeat its SQL, or ingest its values as a dataset.");
                else if (!namedDatasets.Contains(view.Dataset)) Problem(problems, view, "dataset", $"dataset '{view.Dataset}' is not in this workspace.{Suggest.Hint(view.Dataset, datasets.Keys)}");
                views.Remove(view.Name);
                continue;
            }

            var errors = problems.Errors.Count;
            var typed = view.Sql is null ? Aggregates(view, dataset, problems) : Query(view, dataset, problems);
            if (problems.Errors.Count > errors) views.Remove(view.Name);
            else views[view.Name] = typed;
        }

        foreach (var model in models.Values.Where(m => m.Features.Any(f => f.Request is not null)).ToArray())
        {
            if (!datasets.TryGetValue(model.Dataset, out var dataset)) continue;
            var errors = problems.Errors.Count;
            FeatureDefinition[] features = [.. model.Features.Select(f => f.Request is null ? f : f with { Lookup = Lookup(model, f, dataset, views, namedViews, problems) })];
            if (problems.Errors.Count == errors && features.All(f => f.Request is null || f.Lookup is not null)) models[model.Name] = model with { Features = features };
            else models.Remove(model.Name);
        }
    }

    private static ViewDefinition Aggregates(ViewDefinition view, DatasetDefinition dataset, ProblemLog problems)
    {
        ColumnDefinition? Find(string place, string name)
        {
            if (dataset.Columns.FirstOrDefault(c => c.Name == name) is { } found) return found;
            Problem(problems, view, place, $"dataset '{dataset.Name}' has no column '{name}'.{Suggest.Hint(name, dataset.Columns.Select(c => c.Name))}");
            return null;
        }

        foreach (var key in view.Keys)
        {
            if (Find("keys", key) is { Type: ColumnType.Number or ColumnType.Timestamp } wrong) Problem(problems, view, "keys", $"key '{key}' is {wrong.Type.ToString().ToLowerInvariant()}; a key is string, integer or boolean.");
        }

        foreach (var (place, name) in new[] { ("time", view.Time), ("created", view.Created) })
        {
            if (name is not null && Find(place, name) is { Type: not ColumnType.Timestamp } wrong) Problem(problems, view, place, $"'{place}' must be a timestamp; '{name}' is {wrong.Type.ToString().ToLowerInvariant()}.");
        }

        var later = dataset.Columns.Where(c => c.KnownAfter is not null && view.Features.Any(f => f.Column == c.Name || f.Condition is { } on && Names(on.Text, c.Name))).ToArray();
        if (view.Created is null && later.FirstOrDefault(c => c.KnownAfter == TimeSpan.MaxValue) is { } unknown)
        {
            Problem(problems, view, "created", $"'{unknown.Name}' is known some time after a row's time ({dataset.File}({unknown.Line}): knownAfter); say when with 'created: <timestamp column>', or how long in the contract.");
        }

        return view with { Features = [.. view.Features.Select(f => Typed(view, f, dataset, problems))], KnownAfter = Latest(later) };
    }

    // Which columns a query reads is not known, so each that it names counts, unless it says itself when its values became known.
    private static ViewDefinition Query(ViewDefinition view, DatasetDefinition dataset, ProblemLog problems)
    {
        if (view.Created is not null) return view;
        var later = dataset.Columns.Where(c => c.KnownAfter is not null && Names(view.Sql!.Text, c.Name)).ToArray();
        if (later.FirstOrDefault(c => c.KnownAfter == TimeSpan.MaxValue) is { } unknown)
        {
            problems.Error(view.File, view.Sql!.Line, view.Sql.Column, $"'sql' reads '{unknown.Name}', which is known some time after a row's time ({dataset.File}({unknown.Line}): knownAfter); say when with 'created: <timestamp column>', or how long in the contract.");
        }

        return view with { KnownAfter = Latest(later) };
    }

    private static TimeSpan Latest(ColumnDefinition[] later) => later.Where(c => c.KnownAfter != TimeSpan.MaxValue).Select(c => c.KnownAfter!.Value).DefaultIfEmpty().Max();

    private static bool Names(string sql, string column) => System.Text.RegularExpressions.Regex.IsMatch(sql, $@"(?<![\w]){System.Text.RegularExpressions.Regex.Escape(column)}(?![\w])", System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.CultureInvariant);

    private static ViewFeature Typed(ViewDefinition view, ViewFeature feature, DatasetDefinition dataset, ProblemLog problems)
    {
        if (feature.Column is not { } name) return feature;
        if (dataset.Columns.FirstOrDefault(c => c.Name == name) is not { } column)
        {
            problems.Error(view.File, feature.Line, feature.LineColumn, $"dataset '{dataset.Name}' has no column '{name}'.{Suggest.Hint(name, dataset.Columns.Select(c => c.Name))}");
            return feature;
        }

        if (Wrong(feature.Aggregate!.Value, column) is { } wrong) problems.Error(view.File, feature.Line, feature.LineColumn, $"feature '{feature.Name}': {wrong}");
        return feature with { Type = TypeOf(feature.Aggregate!.Value, column.Type) };
    }

    public static string? Wrong(AggregateFunction function, ColumnDefinition column) =>
        function is AggregateFunction.Mean or AggregateFunction.Sum or AggregateFunction.Stddev or AggregateFunction.Min or AggregateFunction.Max && column.Type is ColumnType.String or ColumnType.Timestamp
            && function is not (AggregateFunction.Count or AggregateFunction.Last)
            ? $"'{function.ToString().ToLowerInvariant()}' is for numbers and booleans; '{column.Name}' is {column.Type.ToString().ToLowerInvariant()}." : null;

    public static ColumnType TypeOf(AggregateFunction function, ColumnType column) => function switch
    {
        AggregateFunction.Count => ColumnType.Integer,
        AggregateFunction.Last => column,
        AggregateFunction.Min or AggregateFunction.Max when column == ColumnType.Integer => ColumnType.Integer,
        _ => ColumnType.Number,
    };

    private static LookupDefinition? Lookup(ModelDefinition model, FeatureDefinition feature, DatasetDefinition dataset, SortedDictionary<string, ViewDefinition> views, IReadOnlyCollection<string> namedViews, ProblemLog problems)
    {
        var request = feature.Request!;
        void Error(ExpressionText at, string message) => problems.Error(model.File, at.Line, at.Column, $"feature '{feature.Name}': {message}");
        bool Has(ExpressionText column)
        {
            var found = dataset.Columns.Any(c => c.Name == column.Text);
            if (!found) Error(column, $"dataset '{dataset.Name}' has no column '{column.Text}'.{Suggest.Hint(column.Text, dataset.Columns.Select(c => c.Name))}");
            return found;
        }

        if (dataset.Columns.Any(c => c.Name == feature.Name))
        {
            Error(feature.From, $"'{feature.Name}' is a column of dataset '{dataset.Name}'; what is looked up becomes a column too, so give the feature another name.");
            return null;
        }

        var common = new LookupDefinition { Kind = request.Kind, Source = $"{model.Name}.{feature.Name}", Column = request.Column.Text, Type = ColumnType.Number, Keys = [], Dataset = dataset.Name, Time = dataset.Partition.Column };
        if (request.Kind != LookupKind.View)
        {
            var good = Has(request.Column);
            foreach (var key in request.By)
            {
                if (!Has(key)) good = false;
                else if (dataset.Column(key.Text).Type is ColumnType.Number or ColumnType.Timestamp) Error(key, $"'{key.Text}' is {dataset.Column(key.Text).Type.ToString().ToLowerInvariant()}; a key is string, integer or boolean.");
            }

            if (dataset.Partition.Column is null)
            {
                Error(request.Column, $"dataset '{dataset.Name}' is partitioned by arrival, so its rows have no time of their own; make a view with a 'time' column.");
                return null;
            }

            if (!good) return null;
            var column = dataset.Column(request.Column.Text);
            if (request.Aggregate is { } function && Wrong(function, column) is { } wrong) Error(request.Column, wrong);
            if (column.KnownAfter is { } known && (known == TimeSpan.MaxValue ? request.After == TimeSpan.Zero : request.After < known))
            {
                var least = known == TimeSpan.MaxValue ? "some time" : Durations.Text(known);
                Error(request.Column, $"'{column.Name}' is known only {least} after a row's time ({dataset.File}({column.Line}): knownAfter), so a later row cannot have it at once; set '{(request.Kind == LookupKind.Lag ? "after" : "gap")}' to {(known == TimeSpan.MaxValue ? "how long that takes" : least + " or more")}.");
            }

            return common with
            {
                Type = request.Aggregate is { } aggregate ? TypeOf(aggregate, column.Type) : column.Type,
                Keys = [.. request.By.Select(b => new LookupKey(b.Text, b.Text))], Aggregate = request.Aggregate, Over = request.Over, After = request.After,
            };
        }

        var name = request.View!;
        if (!views.TryGetValue(name.Text, out var view))
        {
            if (!namedViews.Contains(name.Text)) Error(name, $"there is no view '{name.Text}' (features/{name.Text}.yaml).{Suggest.Hint(name.Text, namedViews)}");
            return null;
        }

        if (view.Features.All(f => f.Name != request.Column.Text))
        {
            Error(request.Column, $"view '{view.Name}' has no feature '{request.Column.Text}'.{Suggest.Hint(request.Column.Text, view.Features.Select(f => f.Name))}");
            return null;
        }

        var keys = new List<LookupKey>();
        foreach (var (key, at) in request.On ?? [])
        {
            if (!view.Keys.Contains(key)) Error(at, $"view '{view.Name}' has no key '{key}'; its keys are {string.Join(", ", view.Keys)}.");
        }

        foreach (var key in view.Keys)
        {
            var on = request.On?.FirstOrDefault(o => o.Key == key).Column ?? name with { Text = key };
            if (request.On is not null && request.On.All(o => o.Key != key))
            {
                Error(name, $"'on' does not say which column holds the key '{key}' of view '{view.Name}'.");
                return null;
            }

            if (request.On is null && dataset.Columns.All(c => c.Name != key))
            {
                Error(name, $"view '{view.Name}' has the key '{key}', which dataset '{dataset.Name}' has no column for; say which column holds it: 'on: {{ {key}: <column> }}'.{Suggest.Hint(key, dataset.Columns.Select(c => c.Name))}");
                return null;
            }

            if (!Has(on)) return null;
            if (dataset.Column(on.Text).Type is ColumnType.Number or ColumnType.Timestamp)
            {
                Error(on, $"'{on.Text}' is {dataset.Column(on.Text).Type.ToString().ToLowerInvariant()}; a key is string, integer or boolean.");
                return null;
            }

            keys.Add(new LookupKey(key, on.Text));
        }

        return common with { Source = view.Name, Keys = keys, Type = view.Features.First(f => f.Name == request.Column.Text).Type };
    }

    private static void Problem(ProblemLog problems, ViewDefinition view, string place, string message)
    {
        var (line, column) = view.Places[place];
        problems.Error(view.File, line, column, message);
    }
}
