using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

public sealed class TrainerSectionTests : IDisposable
{
    private readonly WorkspaceFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{ name: lightgbm, classWeights: balance }", "(11,42): 'classWeights' must be 'balanced', or a weight for each class, such as '{ true: 5, false: 1 }'.")]
    [InlineData("{ name: lightgbm, classWeights: { true: 0 } }", "(11,50): the weight of class 'true' must be a number above 0, not '0'.")]
    [InlineData("{ name: lightgbm, classWeights: { true: many } }", "(11,50): the weight of class 'true' must be a number above 0, not 'many'.")]
    [InlineData("{ name: lightgbm, classWeights: {} }", "(11,42): 'classWeights' must be 'balanced'")]
    [InlineData("{ name: lightgbm, earlyStopping: 20 }", "(11,43): 'earlyStopping' must be a mapping, such as '{ rounds: 20, share: 0.2 }'.")]
    [InlineData("{ name: lightgbm, earlyStopping: { rounds: 0 } }", "(11,53): 'rounds' must be between 1 and 100000, not 0.")]
    [InlineData("{ name: lightgbm, earlyStopping: { rounds: 2.5 } }", "(11,53): 'rounds' must be a whole number.")]
    [InlineData("{ name: lightgbm, earlyStopping: { share: 1 } }", "(11,52): 'share' must be between 0.01 and 0.9, not 1.")]
    [InlineData("{ name: lightgbm, earlyStopping: { round: 5 } }", "(11,45): unknown key 'round' in earlyStopping. Did you mean 'rounds'? Allowed: rounds, share, refit.")]
    public void Load_OneMistake_IsNamed(string trainer, string expected) => Problem(trainer).ShouldStartWith("models/flight-delay.yaml" + expected);

    [Theory]
    [InlineData("{ name: gam, classWeights: balanced }", "(11,37): trainer 'gam' cannot weigh classes; these can: fastforest, fasttree, lightgbm, logistic, sdca")]
    [InlineData("{ name: lightgbm, classWeights: { late: 2 } }", "(11,42): 'classWeights' names 'late'; the classes of a binary model are true and false")]
    [InlineData("{ name: logistic, earlyStopping: { rounds: 5 } }", "(11,43): trainer 'logistic' cannot stop early; these can: fasttree, lightgbm")]
    public void Validate_WhatTheTrainerCannot_IsSaidWithThoseThatCan(string trainer, string expected)
    {
        Write(trainer);
        var draft = WorkspaceLoader.Read(folder.Root);
        new Serverless.Features.ModelValidator().Validate(draft.Workspace).ShouldHaveSingleItem().ToString().ShouldBe("models/flight-delay.yaml" + expected);
    }

    [Fact]
    public void Load_AllSettings_AreTaken()
    {
        Write("{ name: lightgbm, leaves: 7, classWeights: { true: 5 }, earlyStopping: { rounds: 10, share: 0.1, refit: false } }");
        var trainer = folder.Load().Models["flight-delay"].Trainer;
        trainer.Parameters.Keys.ShouldBe(["leaves"]);
        trainer.ClassWeights!.ToString().ShouldBe("true: 5");
        trainer.EarlyStopping!.ToString().ShouldBe("rounds: 10, share: 0.1, refit: false");
    }

    private string Problem(string trainer)
    {
        Write(trainer);
        return folder.Problems().ShouldHaveSingleItem().ToString();
    }

    private void Write(string trainer) =>
        folder.Write("models/flight-delay.yaml", WorkspaceFolder.FlightDelay.Replace("{ name: lightgbm, iterations: 100, leaves: 31, seed: 42 }", trainer, StringComparison.Ordinal));
}
