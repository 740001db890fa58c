// Shows a layer's texture: premultiplied RGBA, blended ONE, ONE_MINUS_SRC_ALPHA. Where the mesh is squeezed so that a pixel covers
// more texels than at rest, it is looked up several times along the squeezed way, or thin lines would come out dotted.

uniform sampler2D u_texels;   // RGBA8, linear, no mipmaps, clamped; a border of one transparent texel all round
uniform float u_detail;       // texels that a pixel covers at rest

in vec2 v_texel;
out vec4 colour;

const int MOST = 8;

void main() {
  vec2 size = vec2(textureSize(u_texels, 0));
  vec2 across = dFdx(v_texel), down = dFdy(v_texel);
  vec2 way = dot(across, across) > dot(down, down) ? across : down;
  int looks = int(clamp(ceil(length(way) / (1.25 * u_detail)), 1.0, float(MOST)));
  vec4 sum = vec4(0.0);
  for (int i = 0; i < MOST; ++i) {
    if (i >= looks) break;
    vec2 texel = v_texel + way * ((float(i) + 0.5) / float(looks) - 0.5);
    sum += textureLod(u_texels, texel / size, 0.0);
  }
  colour = sum / float(looks);
  colour.rgb = min(colour.rgb, colour.a);
}
