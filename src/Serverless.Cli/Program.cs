return await Serverless.Cli.ServerlessProgram.RunAsync(args);
