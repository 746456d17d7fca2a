using System.Diagnostics;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The published binary's diagnosis of a namespace, and its remedies' commands.</summary>
static class PublishedDiagnosis
{
    /// <summary>Every level of every pool, worst first.</summary>
    public static async Task<JsonElement[]> PoolsAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        [.. (await DiagnoseAsync(netns, flags)).GetProperty("pools").EnumerateArray()];

    /// <summary>The first, worst level.</summary>
    public static async Task<JsonElement> WorstAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        (await PoolsAsync(netns, flags))[0];

    /// <summary>The worst condition of all.</summary>
    public static async Task<string?> ConditionAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        Text(await DiagnoseAsync(netns, flags), "condition");

    /// <summary>The whole document.</summary>
    public static async Task<JsonElement> DiagnoseAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        JsonDocument
            .Parse(await PrintAsync(netns, Repository.PublishedExporter, Arguments(flags.Prepend("--format=json"))))
            .RootElement;

    /// <summary>The diagnosis as text, in one line.</summary>
    public static async Task<string> InWordsAsync(PrivateNamespace netns, params IEnumerable<string> flags) =>
        string.Join(
            ' ',
            (await PrintAsync(netns, Repository.PublishedExporter, Arguments(flags))).Split(
                [' ', '\n'],
                StringSplitOptions.RemoveEmptyEntries
            )
        );

    /// <summary>The document, from a binary that another program starts.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">The program's arguments, which precede the binary and its arguments.</param>
    /// <param name="flags">The flags of the binary.</param>
    public static async Task<JsonElement> DiagnoseByAsync(
        PrivateNamespace netns,
        string program,
        IEnumerable<string> arguments,
        params IEnumerable<string> flags
    ) =>
        JsonDocument
            .Parse(
                await PrintAsync(
                    netns,
                    program,
                    [.. arguments, Repository.PublishedExporter, .. Arguments(flags.Prepend("--format=json"))]
                )
            )
            .RootElement;

    /// <summary>Runs the command of a level's remedy in a shell, unchanged.</summary>
    public static Task RunAsync(PrivateNamespace netns, JsonElement pool) =>
        SucceedsAsync(netns.Start, "bash", "-c", CommandOf(pool));

    /// <summary>
    /// Runs a program to its end, started by a function that decides where; fails when its exit code is not 0.
    /// </summary>
    public static async Task SucceedsAsync(
        Func<ProcessStartInfo, Process> start,
        string program,
        params IEnumerable<string> arguments
    )
    {
        var process = start(new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        _ = await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
    }

    /// <summary>The command of a level's remedy.</summary>
    public static string CommandOf(JsonElement pool)
    {
        var command = Text(pool.GetProperty("remedy"), "command");
        Assert.True(command is not null, $"no command for {pool}");
        return command;
    }

    /// <summary>The pool's name and the values of these labels.</summary>
    public static string WhatAndWho(JsonElement pool, params IEnumerable<string> labels) =>
        string.Join(' ', labels.Select(label => Text(pool.GetProperty("labels"), label)).Prepend(Text(pool, "pool")));

    /// <summary>A text property of an element.</summary>
    public static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    /// <summary>
    /// Disables the readers of the kernel's log, the CPUs' backlog and other processes, which belong to the machine.
    /// </summary>
    static IEnumerable<string> Arguments(IEnumerable<string> flags) =>
        [
            "diagnose",
            "--no-probe",
            "--no-collector.kernel_log",
            "--no-collector.softnet",
            .. OfThisNamespace(
                flags.Contains("--collector.processes") ? flags : flags.Append("--no-collector.processes")
            ),
        ];

    /// <summary>
    /// Adds the flag that leaves out the machine's other namespaces, unless the flags select some themselves.
    /// </summary>
    public static IEnumerable<string> OfThisNamespace(IEnumerable<string> flags) =>
        flags.Any(static flag => flag.StartsWith("--netns=", StringComparison.Ordinal))
            ? flags
            : flags.Append("--netns=self");

    /// <summary>Runs the binary and returns its output; its exit code must match the condition.</summary>
    static async Task<string> PrintAsync(PrivateNamespace netns, string program, IEnumerable<string> arguments)
    {
        var process = netns.Start(new(program, arguments) { RedirectStandardOutput = true });
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var condition = printed.StartsWith('{')
            ? Text(JsonDocument.Parse(printed).RootElement, "condition")!
            : printed[..printed.IndexOf(':', StringComparison.Ordinal)];
        Assert.Equal(
            condition.ToUpperInvariant() switch
            {
                "OK" => 0,
                "WARNING" => 1,
                "CRITICAL" => 2,
                _ => 3,
            },
            process.ExitCode
        );
        return printed;
    }
}
