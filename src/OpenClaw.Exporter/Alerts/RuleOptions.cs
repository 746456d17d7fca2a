using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Alerts;

/// <summary>The parts of the rules that differ from site to site.</summary>
/// <param name="Selector">Label matchers for every series of the exporter.</param>
/// <param name="RunbookBase">The base address of the runbooks, with a slash at its end.</param>
sealed record RuleOptions(LabelSelector Selector, string RunbookBase)
{
    /// <summary>The runbooks of this repository.</summary>
    public const string PublishedRunbooks = "https://github.com/openclaw/OpenClaw.Exporter/blob/main/alerts/runbooks/";

    /// <summary>The options of the rules that this repository ships.</summary>
    public static RuleOptions Shipped { get; } = new(LabelSelector.Empty, PublishedRunbooks);

    /// <summary>Parses the base address of runbooks, and adds a slash at its end.</summary>
    /// <exception cref="SettingException">The text is no address that a name can be added to.</exception>
    public static string ParseRunbookBase(string text)
    {
        var isAddress =
            Uri.TryCreate(text, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https"
            && address.Query.Length + address.Fragment.Length == 0;
        if (!isAddress)
        {
            var found = VisibleText.Escape(text);
            throw new SettingException($"expected an http or https address without ? and #, found '{found}'");
        }

        return address!.AbsoluteUri.TrimEnd('/') + "/";
    }
}
