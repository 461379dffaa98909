using Serverless.Search;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

public sealed class SearchSectionTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{ budget: { trials: 0 } }", "(18,29): 'trials' must be between 1 and 1000, not 0.")]
    [InlineData("{ budget: { trials: -3 } }", "(18,29): 'trials' must be between 1 and 1000, not -3.")]
    [InlineData("{ budget: { trials: 1001 } }", "(18,29): 'trials' must be between 1 and 1000, not 1001.")]
    [InlineData("{ budget: { trials: 2.5 } }", "(18,29): 'trials' must be a whole number, not 2.5.")]
    [InlineData("{ budget: { trials: many } }", "(18,29): 'trials' must be a number, not 'many'.")]
    [InlineData("{ budget: { minutes: 0 } }", "(18,30): 'minutes' must be above 0 and at most 100000, not 0: in no time nothing is found.")]
    [InlineData("{ budget: { minutes: -5 } }", "(18,30): 'minutes' must be above 0 and at most 100000, not -5: in no time nothing is found.")]
    [InlineData("{ budget: {} }", "(18,19): 'budget' needs 'trials', 'minutes' or both, such as '{ trials: 40 }'.")]
    [InlineData("{ budget: 40 }", "(18,19): 'budget' must be a mapping, such as '{ trials: 40, minutes: 30 }'.")]
    [InlineData("{ budget: { trails: 40 } }", "(18,21): unknown key 'trails' in budget. Did you mean 'trials'? Allowed: trials, minutes.")]
    [InlineData("{ sampler: tpe }", "(18,9): search has no 'budget'; expected a mapping, such as '{ trials: 40, minutes: 30 }'.")]
    [InlineData("40", "(18,9): 'search' must be a mapping, such as '{ budget: { trials: 40 } }'.")]
    [InlineData("{ budget: { trials: 4 }, halvings: { rungs: 2 } }", "(18,34): unknown key 'halvings' in search. Did you mean 'halving'?")]
    [InlineData("{ budget: { trials: 4 }, halving: { factor: 1 } }", "(18,53): 'factor' must be between 2 and 10, not 1.")]
    [InlineData("{ budget: { trials: 4 }, halving: { rungs: 0 } }", "(18,52): 'rungs' must be between 1 and 6, not 0.")]
    [InlineData("{ budget: { trials: 4 }, share: 1 }", "(18,41): 'share' must be between 0.01 and 0.9, not 1.")]
    [InlineData("{ budget: { trials: 4 }, parallel: 0 }", "(18,44): 'parallel' must be between 1 and 64, not 0.")]
    [InlineData("{ budget: { trials: 4 }, trainers: [lightgbm, lightgbm] }", "(18,55): trainer 'lightgbm' is named twice in 'trainers'.")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: 31 } }", "(18,56): trainer 'lightgbm' must be a mapping of what varies")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: { min: 7 } } } }", "(18,66): range has no 'max'; expected a number.")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: { min: 70, max: 7 } } } }", "(18,73): 'leaves': min 70 must be below max 7.")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { l2: { min: 0, max: 7, scale: log } } } }", "(18,69): 'l2': with 'scale: log' min must be above 0, not 0.")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { l2: { min: 0, max: 7, scale: ln } } } }", "(18,87): 'scale' cannot be 'ln'. Allowed: linear, log.")]
    public void Load_OneMistake_IsNamed(string search, string expected)
    {
        Write(search);
        folder.Problems()[0].ToString().ShouldStartWith("models/flight-delay.yaml" + expected);
    }

    [Theory]
    [InlineData("{ budget: { trials: 4 }, sampler: tpa }", "(18,43): unknown sampler 'tpa'. Did you mean 'tpe'?")]
    [InlineData("{ budget: { trials: 4 }, metric: acu }", "(18,42): search: 'acu' is not a metric of a binary task. Did you mean 'auc'?")]
    [InlineData("{ budget: { trials: 4 }, trainers: [lightgmb] }", "(18,45): unknown trainer 'lightgmb'. Did you mean 'lightgbm'?")]
    [InlineData("{ budget: { trials: 4 }, trainers: onnx }", "(18,44): trainer 'onnx' is for models that are imported; a search cannot try it")]
    [InlineData("{ budget: { trials: 4 }, trainers: poisson }", "(18,44): trainer 'poisson' does not do binary; these do: baseline, fastforest, fasttree, gam, lightgbm, logistic, sdca")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leave: [7, 15] } } }", "(18,58): trainer 'lightgbm' has no setting 'leave'. Did you mean 'leaves'?")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: [7, 1] } } }", "(18,66): 'leaves: 1' is out of range; expected a whole number from 2 to 131072")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: [7, 7] } } }", "(18,66): 'leaves' names a value twice")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: { min: 1, max: 9 } } } }", "(18,66): 'leaves: 1' is out of range; expected a whole number from 2 to 131072")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: { min: 2.5, max: 9 } } } }", "(18,66): 'leaves: 2.5' should be a whole number")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { objective: { min: 0, max: 3 } } } }", "(18,69): 'objective' is a word, not a number; give a list of some of: auto")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { objective: [auto, huber] } } }", "(18,69): 'objective: huber' is for regression")]
    [InlineData("{ budget: { trials: 4 }, trainers: { lightgbm: { leaves: 7 } } }", "(18,9): search: nothing varies: trainer 'lightgbm' proposes no ranges of its own and 'trainers' states none")]
    public void Validate_OneMistake_IsNamed(string search, string expected)
    {
        Write(search);
        Problems().ShouldHaveSingleItem().ShouldStartWith("models/flight-delay.yaml" + expected);
    }

    [Fact]
    public void Validate_ClassWeights_LeaveOutTrainersThatCannot()
    {
        Write("{ budget: { trials: 4 }, trainers: [lightgbm, gam] }", "{ name: lightgbm, classWeights: balanced }");
        Problems().ShouldHaveSingleItem().ShouldContain("(18,55): trainer 'gam' cannot weigh classes, and the model asks for 'classWeights'; leave it out of the search");
    }

    [Fact]
    public void Load_Everything_IsTaken()
    {
        Write("{ budget: { trials: 40, minutes: 0.5 }, sampler: random, seed: 3, metric: log-loss, share: 0.3, parallel: 2, halving: { factor: 4, rungs: 2 }, trainers: { logistic: , lightgbm: { leaves: { min: 7, max: 63, scale: log }, max-bin: [63, 255], iterations: 50 } } }");
        var search = folder.Load().Models["flight-delay"].Search.ShouldNotBeNull();
        (search.Trials, search.Time, search.Sampler.Text, search.Seed, search.Metric!.Text, search.Share, search.Parallel, search.Factor, search.Rungs)
            .ShouldBe((40, TimeSpan.FromSeconds(30), "random", 3, "log-loss", 0.3, 2, 4, 2));
        Problems().ShouldBeEmpty();
        var space = SearchSpaces.Of(folder.Load().Models["flight-delay"], name => Serverless.Training.KnownTrainers.All.Single(t => t.Name == name).Hyperparameters);
        space.Trainers.Select(t => t.Trainer).ShouldBe(["logistic", "lightgbm"]);
        space.Trainers[0].Dimensions.ShouldBe([new NumberDimension("l2", 0.001, 100, Log: true, Integer: false)]);
        space.Trainers[1].Dimensions[0].ShouldBe(new NumberDimension("leaves", 7, 63, Log: true, Integer: true));
        space.Trainers[1].Dimensions[1].ShouldBeOfType<ChoiceDimension>().Values.ShouldBe([63, 255]);
        space.Trainers[1].Dimensions[2].ShouldBeOfType<ChoiceDimension>().Values.ShouldBe([50]);
    }

    [Fact]
    public void Load_BudgetAlone_HasTheDefaults()
    {
        Write("{ budget: { trials: 12 } }");
        var search = folder.Load().Models["flight-delay"].Search.ShouldNotBeNull();
        (search.Trials, search.Time, search.Sampler.Text, search.Seed, search.Metric, search.Share, search.Parallel, search.Factor, search.Rungs, search.Trainers.Count).ShouldBe((12, null, "tpe", null, null, 0.2, 4, 3, 3, 0));
    }

    private string[] Problems() => [.. new SearchProblems([new RandomSampler(), new TpeSampler()], []).Validate(WorkspaceLoader.Read(folder.Root).Workspace).Select(p => p.ToString())];

    private void Write(string search, string trainer = "{ name: lightgbm, iterations: 100, leaves: 31, seed: 42 }") => folder.Write("models/flight-delay.yaml",
        WorkspaceFolder.FlightDelay.Replace("{ name: lightgbm, iterations: 100, leaves: 31, seed: 42 }", trainer, StringComparison.Ordinal).TrimEnd() + $"\nsearch: {search}\n");
}
