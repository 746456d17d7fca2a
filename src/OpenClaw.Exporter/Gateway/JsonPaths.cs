using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Reads single values out of JSON whose form OpenClaw may change with any version.</summary>
static class JsonPaths
{
    /// <summary>
    /// Returns the value below these names; null where one of them is absent, and where another name is no Unicode.
    /// JsonDocument does not check texts.
    /// </summary>
    public static JsonElement? Find(this JsonElement element, params ReadOnlySpan<string> names)
    {
        try
        {
            foreach (var name in names)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                    return null;
            }

            return element;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Returns the text; null for another kind of value, and for a text that is no Unicode.
    /// </summary>
    public static string? Text(this JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns the number; null for another kind of value and for one that is infinite or negative.</summary>
    public static double? Number(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number
        && element.TryGetDouble(out var number)
        && double.IsFinite(number)
        && number >= 0
            ? number
            : null;

    /// <summary>Returns true or false; null for another kind of value.</summary>
    public static bool? Truth(this JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };
}
