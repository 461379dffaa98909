using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Web.Tests;

/// <summary>A model whose inputs are all numbers or truths, so that one tensor can hold them.</summary>
internal static class Numbers
{
    public const string Model = "numbers";

    public static ModelCandidate Candidate
    {
        get
        {
            var document = new PipelineDocument
            {
                Model = Model,
                Task = TaskKind.Regression,
                Label = "a",
                Classes = [],
                Predictor = "constant",
                Features = new FeaturePlanState
                {
                    Inputs = [new("a", ColumnType.Number, false), new("b", ColumnType.Number, false), new("c", ColumnType.Number, false), new("flag", ColumnType.Boolean, false)],
                    Features = [new() { Name = "a", From = "a" }],
                },
            };
            return Flights.Candidate("minutes", 1) with { Model = Model, Artefact = ModelPackage.Write(document, new ConstantPredictor([7])), Schema = document.Schema() };
        }
    }
}
