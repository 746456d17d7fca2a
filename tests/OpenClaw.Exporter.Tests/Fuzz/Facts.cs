using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using Xunit.Sdk;

namespace OpenClaw.Exporter.Tests;

/// <summary>The numbers and texts in the result of a parser, found by reflection.</summary>
static class Facts
{
    const int DepthAtMost = 6;
    const int ItemsAtMost = 100;

    /// <summary>Properties that the kernel may report as negative, and numbers that only tell things apart.</summary>
    static readonly string[] Signed =
    [
        "Index",
        "Interface",
        "Key",
        "Master",
        "Lower",
        "InterfaceIndex",
        "Errno",
        "Error",
        "Length",
    ];

    static readonly ConcurrentDictionary<Type, PropertyInfo[]> PropertiesByType = new();

    /// <summary>Fails where a number is negative, not a number, or infinite.</summary>
    public static void AssertPossible(object? result, string name = "") => Walk(result, name, 0, static (path, value) =>
        {
            if (!Signed.Any(name => path.EndsWith("." + name, StringComparison.Ordinal)) && !IsPossible(value))
                throw new XunitException($"{path} is {value}");
        });

    /// <summary>Returns all numbers and texts.</summary>
    public static string Describe(object? result)
    {
        var text = new StringBuilder();
        Walk(result, "", 0, (path, value) => text.Append(CultureInfo.InvariantCulture, $"{path}={value}\n"));
        return text.ToString();
    }

    static bool IsPossible(object value) =>
        value switch
        {
            int number => number >= 0,
            long number => number >= 0,
            short number => number >= 0,
            double number => double.IsFinite(number) && number >= 0,
            TimeSpan span => span >= TimeSpan.Zero,
            _ => true,
        };

    static void Walk(object? value, string path, int depth, Action<string, object> take)
    {
        if (value is null || depth > DepthAtMost)
            return;
        var type = value.GetType();
        if (type.IsPrimitive || type.IsEnum || value is string or TimeSpan or DateTimeOffset or Guid or UInt128)
        {
            take(path, value);
            return;
        }

        if (value is IEnumerable items)
        {
            var at = 0;
            foreach (var item in IsUnset(value) ? [] : items.Cast<object?>().Take(ItemsAtMost))
                Walk(item, $"{path}[{at++}]", depth + 1, take);
            return;
        }

        foreach (var property in PropertiesByType.GetOrAdd(type, PropertiesOf))
        {
            if (IsThere(value, property))
                Walk(property.GetValue(value), $"{path}.{property.Name}", depth + 1, take);
        }
    }

    static PropertyInfo[] PropertiesOf(Type type) =>
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(static property =>
                    property.GetIndexParameters().Length == 0 && !property.PropertyType.IsByRefLike
                ),
        ];

    /// <summary>A reading without a value throws where it is asked for one.</summary>
    static bool IsThere(object value, PropertyInfo property) =>
        property.Name != "Value" || value.GetType().GetProperty("Missing")?.GetValue(value) is null;

    static bool IsUnset(object value) => value.GetType().GetProperty("IsDefault")?.GetValue(value) is true;
}
