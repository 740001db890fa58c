// Decodes a patch into its layer's texture, without blending: the mean, and so much of each picture of its dictionary, in levels of
// 255. The sum is one of whole numbers, so every GPU gives what the CPU does. Row 0 of the texture is the top of the picture.

const int MOST = 256;                          // pictures
uniform highp isampler2DArray u_pictures;      // RGBA8I, a layer each
uniform sampler2D u_mean;                      // RGBA16F
uniform highp sampler2DArray u_bounds;         // RGBA8: layer 0 the least of each texel, layer 1 the most
uniform float u_step;                          // levels of a 1 in the sum
uniform int u_count;                           // of pictures
uniform ivec4 u_amounts[MOST / 4];             // of each picture
uniform ivec2 u_corner;                        // of the patch on the texture, its border counted

out vec4 colour;

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy) - u_corner;
  vec4 low = texelFetch(u_bounds, ivec3(at, 0), 0), high = texelFetch(u_bounds, ivec3(at, 1), 0);
  colour = low;
  if (low == high) return;
  ivec4 sum = ivec4(0);
  for (int k = 0; k < u_count; ++k) sum += u_amounts[k / 4][k % 4] * texelFetch(u_pictures, ivec3(at, k), 0);
  vec4 levels = roundEven(texelFetch(u_mean, at, 0) + u_step * vec4(sum));
  colour = clamp(levels / 255.0, low, high);
}
