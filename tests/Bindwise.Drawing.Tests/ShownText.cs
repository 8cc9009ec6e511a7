using System.Text.Json;
using Microsoft.Playwright;

namespace Bindwise.Drawing.Tests;

/// <summary>A text as the browser shows it.</summary>
/// <param name="Content">The text.</param>
/// <param name="Left">Its left side, in the picture's units, as the other three.</param>
/// <param name="Top">Its upper side.</param>
/// <param name="Right">Its right side.</param>
/// <param name="Bottom">Its lower side.</param>
/// <param name="Colour">Its colour: red, green, blue.</param>
/// <param name="Ground">What it stands on.</param>
/// <param name="Selected">What somebody who selects it gets.</param>
internal sealed record ShownText(string Content, double Left, double Top, double Right, double Bottom, int[] Colour, int[] Ground, string Selected)
{
    /// <summary>Asks for all texts of the picture, as JSON.</summary>
    private const string Question = """
        () => {
          const colour = text => text.match(/\d+/g).slice(0, 3).map(Number);
          const grounds = [...document.querySelectorAll('rect')].filter(rect => getComputedStyle(rect).fill !== 'none');
          return JSON.stringify([...document.querySelectorAll('text')].map(text => {
            const box = text.getBBox();
            const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
            const ground = grounds.filter(rect => {
              const area = rect.getBBox();
              return area.x <= x && x <= area.x + area.width && area.y <= y && y <= area.y + area.height;
            }).at(-1);
            const range = document.createRange();
            range.selectNodeContents(text);
            const selection = getSelection();
            selection.removeAllRanges();
            selection.addRange(range);
            return {
              content: text.textContent,
              left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height,
              colour: colour(getComputedStyle(text).fill),
              ground: colour(getComputedStyle(ground).fill),
              selected: getComputedStyle(text).userSelect === 'none' ? '' : selection.toString(),
            };
          }));
        }
        """;

    /// <summary>All texts of the picture.</summary>
    public static async Task<ShownText[]> In(IPage page) =>
        JsonSerializer.Deserialize<ShownText[]>(await page.EvaluateAsync<string>(Question), JsonSerializerOptions.Web) ?? [];

    /// <summary>The contrast of text and ground, 1 to 21 (WCAG 2.2, relative luminance).</summary>
    public double Contrast
    {
        get
        {
            var (one, other) = (Luminance(Colour), Luminance(Ground));
            return (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);
        }
    }

    /// <summary>The two stand on each other by more than a hair.</summary>
    public bool Overlaps(ShownText other)
    {
        const double Hair = 1;
        return Left < other.Right - Hair && other.Left < Right - Hair && Top < other.Bottom - (3 * Hair) && other.Top < Bottom - (3 * Hair);
    }

    private static double Luminance(int[] colour)
    {
        ReadOnlySpan<double> weights = [0.2126, 0.7152, 0.0722];
        var luminance = 0.0;
        for (var index = 0; index < 3; index++)
        {
            var share = colour[index] / 255.0;
            luminance += weights[index] * (share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4));
        }
        return luminance;
    }
}
