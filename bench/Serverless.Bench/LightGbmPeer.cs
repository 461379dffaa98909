using Serverless.Datasets;
using Serverless.Features;
using Serverless.LightGbm;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Bench;

/// <summary>LightGBM's C API and nothing else: from a matrix in memory to the model's text.</summary>
internal static unsafe class LightGbmPeer
{
    public static TrainingSet Matrix(ModelDefinition model, DatasetDefinition dataset, Table table)
    {
        var delays = (IntegerColumn)table["delay"];
        int[] rows = [.. Enumerable.Range(0, table.Rows).Where(r => !delays.IsMissing(r))];
        var plan = FeatureFitting.Fit(model, FeatureCompiler.SchemaOf(dataset), KnownTrainers.LightGbm.Traits, table, rows);
        return new TrainingSet { Task = TaskKind.Binary, Classes = 2, Features = plan.Transform(table, rows), Labels = [.. rows.Select(r => delays.Values[r] > 15 ? 1f : 0f)] };
    }

    public static int Fit(TrainingSet set, int iterations)
    {
        NativeLibraryCheck.Ensure(); // the same OpenMP waiting as ours has
        var parameters = LightGbmTrainer.Parameters(set, KnownTrainers.LightGbm.Hyperparameters.ToDictionary(h => h.Name, h => h.Default), 42);
        using var data = new TrainingData(set, parameters);
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterCreate(data.Handle, parameters, out var booster));
        for (var i = 0; i < iterations; i++) LightGbmNative.Check(LightGbmNative.LGBM_BoosterUpdateOneIter(booster, out _));
        var length = LightGbmTrainer.Save(booster).Length;
        LightGbmNative.LGBM_BoosterFree(booster);
        return length;
    }

    /// <summary>The first rows of a matrix in memory, scored with two threads.</summary>
    public static double[] Predict(string model, FeatureMatrix features, int rows)
    {
        NativeLibraryCheck.Ensure();
        LightGbmNative.Check(LightGbmNative.LGBM_BoosterLoadModelFromString(model, out _, out var booster));
        var result = new double[rows];
        fixed (float* values = features.Values)
        fixed (double* first = result)
        {
            LightGbmNative.Check(LightGbmNative.LGBM_BoosterPredictForMat(booster, values, LightGbmNative.Float32, rows, features.Slots.Count, 1, 0, 0, -1, "num_threads=2", out _, first));
        }

        LightGbmNative.LGBM_BoosterFree(booster);
        return result;
    }
}
