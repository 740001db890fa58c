"use strict";
// Draws an avatar's frames with WebGL2: each layer's texture on a mesh, moved by the numbers of a frame. What it is told comes from
// outputs/page_messages.py, how it is drawn stands in avatar/mesh.py, and the shaders explain their uniforms.
const DENSE = 1.6;        // texels a pixel: where there are fewer, none is skipped

class Drawer {
  constructor(gl) {
    this.gl = gl;
    this.made = [];
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(gl.createVertexArray());
    this.indices = gl.createBuffer();
    this.frameBuffer = gl.createFramebuffer();
    this.layers = null;  // until load()
  }

  load(head, data, at) {  // raises where this GPU cannot
    const gl = this.gl;
    this.made.forEach((texture) => gl.deleteTexture(texture));
    this.made = [];
    Object.assign(this, { layers: head.layers, patches: head.patches, cells: head.cells, size: head.size, detail: head.detail });
    this.planes = 2 * head.layers.length;
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE);
    if (this.planes > gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) || head.layers.some((layer) => Math.max(...layer.pixels) > most)) {
      throw new Error("too large for this GPU");
    }
    if (this.shaders !== JSON.stringify(head.shaders)) {  // compiling takes long; another avatar has the same ones
      this.programs = Object.fromEntries(Object.entries(head.shaders).map(([name, sources]) => [name, this.program(...sources)]));
      this.shaders = JSON.stringify(head.shaders);
    }
    this.index = head.width === 2 ? gl.UNSIGNED_SHORT : gl.UNSIGNED_INT;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indices);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint8Array(data, at, head.indices), gl.STATIC_DRAW);
    at += head.indices;
    this.motion = this.texture(gl.TEXTURE_2D_ARRAY, gl.R32F, gl.NEAREST, ...head.cells, this.planes);
    this.layers.forEach((layer, k) => {
      const [width, height] = layer.pixels, inner = [width - 2 * head.border, height - 2 * head.border];
      const pixels = new Uint8Array(data, at, 4 * inner[0] * inner[1]);
      at += pixels.length;
      layer.texels = this.texture(gl.TEXTURE_2D, gl.RGBA8, gl.LINEAR, width, height);
      this.fill(head.border, head.border, ...inner, pixels);
      for (const patch of this.patches.filter((one) => one.layer === k)) this.prepare(patch, pixels, inner[0], head.border);
    });
    if (gl.getError() !== gl.NO_ERROR) throw new Error("textures refused");
  }

  prepare(patch, pixels, width, border) {  // the textures that a patch comes in and, of one that is added, what it is added to
    const gl = this.gl;
    patch.blocks = this.texture(gl.TEXTURE_2D, gl.RGBA8, gl.NEAREST, ...patch.texels);
    if (!patch.residual) return;
    patch.bare = this.texture(gl.TEXTURE_2D, gl.RGBA8, gl.NEAREST, ...patch.size);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, width);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, patch.corner[0] - border);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, patch.corner[1] - border);
    this.fill(0, 0, ...patch.size, pixels);
    for (const what of [gl.UNPACK_ROW_LENGTH, gl.UNPACK_SKIP_PIXELS, gl.UNPACK_SKIP_ROWS]) gl.pixelStorei(what, 0);
  }

  texture(target, format, filter, ...sides) {
    const gl = this.gl, made = gl.createTexture();
    this.made.push(made);
    gl.bindTexture(target, made);
    (sides.length === 2 ? gl.texStorage2D : gl.texStorage3D).call(gl, target, 1, format, ...sides);
    for (const what of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(target, what, filter);
    for (const what of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(target, what, gl.CLAMP_TO_EDGE);
    return made;
  }

  fill(x, y, width, height, pixels) {
    this.gl.texSubImage2D(this.gl.TEXTURE_2D, 0, x, y, width, height, this.gl.RGBA, this.gl.UNSIGNED_BYTE, pixels);
  }

  program(...sources) {
    const gl = this.gl, made = gl.createProgram();
    sources.forEach((source, i) => {
      const shader = gl.createShader(i ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
      gl.deleteShader(shader);
    });
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(`shader: ${gl.getProgramInfoLog(made)}`);
    const uniforms = { made };
    for (let i = 0; i < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); i++) {
      const { name } = gl.getActiveUniform(made, i);
      uniforms[name] = gl.getUniformLocation(made, name);
    }
    return uniforms;
  }

  bind(unit, target, texture, uniform) {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit);
    this.gl.bindTexture(target, texture);
    this.gl.uniform1i(uniform, unit);
  }

  paint(patch, bytes) {  // into its layer's texture
    const gl = this.gl, to = this.programs[patch.residual ? "residual" : "patch"], texels = this.layers[patch.layer].texels;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frameBuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texels, 0);
    gl.disable(gl.BLEND);
    gl.viewport(...patch.corner, ...patch.size);
    gl.useProgram(to.made);
    this.bind(0, gl.TEXTURE_2D, patch.blocks, to.u_blocks);
    this.fill(0, 0, ...patch.texels, bytes);
    gl.uniform1i(to.u_columns, patch.columns);
    gl.uniform1i(to.u_side, patch.side);
    gl.uniform2i(to.u_corner, ...patch.corner);
    if (patch.residual) {
      this.bind(1, gl.TEXTURE_2D, patch.bare, to.u_bare);
      gl.uniform2f(to.u_scale, ...patch.scale);
      gl.uniform1f(to.u_enlarged, patch.size[0] / patch.texels[0]);
      gl.uniform2i(to.u_last, patch.texels[0] - 1, patch.texels[1] - 1);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  draw(values, place, view) {  // values: the motion; view: left, bottom, width, height on the canvas
    const gl = this.gl, to = this.programs.layer;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.enable(gl.BLEND);
    gl.viewport(...view);
    gl.useProgram(to.made);
    this.bind(1, gl.TEXTURE_2D_ARRAY, this.motion, to.u_motion);
    gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, 0, ...this.cells, this.planes, gl.RED, gl.FLOAT, values);
    gl.uniform1i(to.u_layers, this.layers.length);
    gl.uniform2i(to.u_cells, ...this.cells);
    gl.uniform2f(to.u_size, ...this.size);
    gl.uniform3f(to.u_placement, ...place);
    gl.uniform1f(to.u_up, 1);
    gl.uniform1f(to.u_detail, Math.max(this.detail * this.size[0] / view[2], DENSE));
    this.layers.forEach((layer, k) => {
      this.bind(0, gl.TEXTURE_2D, layer.texels, to.u_texels);
      gl.uniform1i(to.u_layer, k);
      gl.uniform4f(to.u_span, ...layer.span);
      gl.uniform4f(to.u_reach, ...layer.reach);
      gl.uniform3f(to.u_texture, ...layer.texture);
      gl.drawElements(gl.TRIANGLES, layer.count, this.index, layer.first);
    });
  }
}
