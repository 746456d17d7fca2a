using System.CommandLine;
using System.CommandLine.Parsing;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command <c>rules</c>, which prints the alerting rules that fit this build.</summary>
static class Rules
{
    static readonly string[] Formats = ["prometheus", "prometheusrule"];

    /// <summary>Creates the command with its flags.</summary>
    public static Command Command()
    {
        var format = new Option<string>("--format")
        {
            Description =
                "The form of the rules: a rules file of Prometheus, or a PrometheusRule for Kubernetes "
                + $"(default {Formats[0]}).",
            HelpName = string.Join(" or ", Formats),
            DefaultValueFactory = static _ => Formats[0],
        };
        format.AcceptOnlyFromAmong(Formats);
        var selector = new Option<LabelSelector>("--selector")
        {
            Description =
                "Label matchers for every series of the exporter, such as 'job=\"openclaw\",cluster=\"a\"': "
                + "labels of the target, which each series has (default none).",
            HelpName = "label matchers",
            CustomParser = static result => Parsed(result, LabelSelector.Parse),
            DefaultValueFactory = static _ => LabelSelector.Empty,
        };
        var runbooks = new Option<string>("--runbook-base")
        {
            Description = $"The address below which the runbooks are (default {RuleOptions.PublishedRunbooks}).",
            HelpName = "an http or https address",
            CustomParser = static result => Parsed(result, RuleOptions.ParseRunbookBase),
            DefaultValueFactory = static _ => RuleOptions.PublishedRunbooks,
        };
        const string does = "Prints the alerting rules that fit this build, for Prometheus or its operator.";
        var command = new Command("rules", does) { format, selector, runbooks };
        command.SetAction(result =>
        {
            var options = new RuleOptions(result.GetRequiredValue(selector), result.GetRequiredValue(runbooks));
            var isForOperator = result.GetValue(format) == Formats[1];
            var rules = isForOperator ? RuleFile.PrometheusRule(options) : RuleFile.Prometheus(options);
            result.InvocationConfiguration.Output.Write(rules);
        });
        return command;
    }

    static T? Parsed<T>(ArgumentResult result, Func<string, T> parse)
        where T : class
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (SettingException error)
        {
            result.AddError($"{result.Argument.Name}: {error.Message}");
            return null;
        }
    }
}
