using Microsoft.Extensions.DependencyInjection;
using OwnTrainer;
using Serverless.Cli;
using Serverless.Scoring;
using Serverless.Training;

// serverless-ml with one trainer more: every command knows it, serve and batch scoring too.
return await ServerlessProgram.RunAsync(args, services => services
    .AddSingleton<ITrainer, NaiveBayesTrainer>()
    .AddSingleton<IPredictorFormat, NaiveBayesFormat>());
