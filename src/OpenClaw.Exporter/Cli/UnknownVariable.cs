using System.Collections;
using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>
/// Explains an environment variable that looks like a flag and is none, and suggests the one that was probably meant.
/// </summary>
static class UnknownVariable
{
    /// <summary>Returns the message about the first unknown variable; null where all are known.</summary>
    /// <param name="root">The command of the program. The variables of all commands are known to each.</param>
    public static string? Explain(Command root)
    {
        var known = root
            .Subcommands.Prepend(root)
            .SelectMany(static command => command.Options)
            .Where(ExporterFlags.HasVariable)
            .Select(static flag => ExporterFlags.EnvironmentVariable(flag.Name))
            .ToHashSet();
        var unknown = Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(static variable => (Name: (string)variable.Key, Value: (string?)variable.Value))
            .Where(variable =>
                variable.Name.StartsWith(ExporterFlags.EnvironmentPrefix, StringComparison.Ordinal)
                && !known.Contains(variable.Name)
                && !IsOfKubernetes($"{variable.Name}={variable.Value}")
            )
            .Select(static variable => variable.Name)
            .Min(StringComparer.Ordinal);
        return unknown is null
            ? null
            : $"unknown variable '{OneLine.From(unknown)}'{Spelling.DidYouMean(unknown, known)} "
                + $"({FlagHelp.Everything} lists the flags)";
    }

    /// <summary>
    /// Returns true for a variable that Kubernetes sets in each container of a namespace for a Service called
    /// openclaw-exporter, or openclaw-exporter and more (pkg/kubelet/envvars/envvars.go, v1.34). Only the port's value
    /// distinguishes its variable from one that a person would set.
    /// </summary>
    /// <param name="variable">The variable, with an equals sign and its value.</param>
    public static bool IsOfKubernetes(string variable) =>
        new Regex(Injected, RegexOptions.NonBacktracking).IsMatch(variable);

    /// <summary>Not compiled into the program, which would be 8 KB larger: few starts need it.</summary>
    const string Injected =
        "^OPENCLAW_EXPORTER_([A-Z0-9_]+_)?("
        + "SERVICE_HOST=|SERVICE_PORT(_[A-Z0-9_]+)?=|PORT=[a-z]+://|PORT_[0-9]+_[A-Z]+(_PROTO|_PORT|_ADDR)?=)";
}
