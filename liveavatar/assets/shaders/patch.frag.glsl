// Paints a patch into its layer's texture, without blending. The network gives it in blocks, (rows, columns, side, side, 4), which are
// uploaded as they come: any texture of so many texels, row after row. Row 0 of the texture is the top of the picture.
// With RESIDUAL defined the blocks are added to what the texture holds without them; they are as large as in the picture, and enlarged here.

uniform highp sampler2D u_blocks;   // RGBA8; a residual RGBA32F, RGBA16F or bytes; nearest
uniform int u_columns;              // blocks in a row
uniform int u_side;                 // texels of a block, each way
uniform ivec2 u_corner;             // of the patch on the texture, its border counted

out vec4 colour;

vec4 block_texel(ivec2 at) {        // column and row on the patch
  int block = at.y / u_side * u_columns + at.x / u_side;
  int n = (block * u_side + at.y % u_side) * u_side + at.x % u_side;
  int width = textureSize(u_blocks, 0).x;
  return texelFetch(u_blocks, ivec2(n % width, n / width), 0);
}

#ifdef RESIDUAL
uniform sampler2D u_bare;           // RGBA8, the patch's part of the texture without it; nearest
uniform vec2 u_scale;               // residual = texel * u_scale.x + u_scale.y, 1 for 255; floats: (1, 0), bytes 128 + 127.5 r: (2, -256 / 255)
uniform float u_enlarged;           // texels of the texture per residual, each way
uniform ivec2 u_last;               // column and row of the residual's last

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy) - u_corner;
  vec2 from = clamp((vec2(at) + 0.5) / u_enlarged - 0.5, vec2(0.0), vec2(u_last));
  ivec2 a = ivec2(from), b = min(a + 1, u_last);
  vec2 share = from - vec2(a);
  vec4 above = mix(block_texel(a), block_texel(ivec2(b.x, a.y)), share.x);
  vec4 below = mix(block_texel(ivec2(a.x, b.y)), block_texel(b), share.x);
  vec4 sum = texelFetch(u_bare, at, 0) + mix(above, below, share.y) * u_scale.x + u_scale.y;
  // Where more is taken of alpha than of colour, skin would turn grey: its alpha stays above its colour.
  colour = clamp(sum, 0.0, 1.0);
  colour.a = max(colour.a, max(colour.r, max(colour.g, colour.b)));
}
#else
void main() {
  colour = block_texel(ivec2(gl_FragCoord.xy) - u_corner);
}
#endif
